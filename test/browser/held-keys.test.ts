import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cancelDialog } from '../support/browser/access-page.js';
import { launchBrowser } from '../support/browser/browser.js';
import { createKey, sandbox, signIn, type CreatedKey } from '../support/peers/client.js';
import { eventually } from '../support/eventually.js';
import { request, type Credential } from '../support/peers/graphql.js';
import { keyRow, openKeysPage } from '../support/browser/keys-page.js';
import { LOOKS, pageAudit } from '../support/browser/page-audit.js';
import { pictureOfFailure } from '../support/browser/picture-of-failure.js';
import { createCustomer, createScope, createServiceAccount } from '../support/seed/sample-access.js';
import { startKeywright, type Keywright } from '../support/servers/start-keywright.js';
import { ROOT } from '../support/seed/tenancy.js';
import { watchedPage, type WatchedPage } from '../support/browser/watched-page.js';

const HOST = 'keywright-verify-eu-central-1b-7f9c6d5b84-x2x9q';
const ORGANIZATION = 'Retail and wholesale of everything that has a cable';
/** The hold of a key that was disabled. */
const DISABLED = {
  enabled: false,
  expiresAtMs: null,
  allowedCidrs: [],
  limits: { windows: [], quotas: [] },
  signatureProfiles: [],
  grants: null,
  secrets: [],
  replaced: [],
};

let keywright: Keywright;
let browser: Browser;
let owner: Credential;
let payments: CreatedKey;
let nightly: CreatedKey;
let ledger: CreatedKey;

/** Holds a key to less than the database says, like a process that remembers what a restore lost. */
const holdKey = (id: string, restriction: unknown, excess: string[]): Promise<unknown> =>
  keywright.database.query(
    'insert into key_hold (id, api_key_id, restriction, excess, host) values ($1, $2, $3, $4, $5)',
    [id.replace('key_', 'hld_'), id, JSON.stringify(restriction), excess, HOST],
  );
const holdAccess = (entity: string, id: string, restriction: unknown, excess: string[]): Promise<unknown> =>
  keywright.database.query(
    'insert into access_hold (id, entity, target_id, restriction, excess, host) values ($1, $2, $3, $4, $5, $6)',
    [id.replace(/^\w+_/, 'ahd_'), entity, id, JSON.stringify(restriction), excess, HOST],
  );
const heldReasons = async ({ id }: CreatedKey): Promise<string[]> => {
  const query = 'query ($id: ID!) { apiKey(id: $id) { heldReasons } }';
  const data = await request<{ apiKey: { heldReasons: string[] } }>(keywright.url, query, { id }, owner);
  return data.apiKey.heldReasons;
};

beforeAll(async () => {
  [keywright, browser] = await Promise.all([startKeywright(), launchBrowser()]);
  const { url } = keywright;
  owner = { bearer: await signIn(url) };
  const both = ['view_customer', 'view_invoice'];
  const { createRole: role } = await request<{ createRole: { id: string } }>(
    url,
    'mutation ($input: CreateRoleInput!) { createRole(input: $input) { id } }',
    { input: { name: 'Reader', permissions: both } },
    owner,
  );
  const [north, south] = [
    await createCustomer(url, owner, 'North'),
    await createCustomer(url, owner, 'South'),
  ];
  const moved = await createScope(url, owner, {
    kind: 'ORGANIZATION',
    parentId: north,
    name: ORGANIZATION,
    apiEnabled: true,
  });
  const account = await createServiceAccount(url, owner, {
    name: 'Invoice export',
    scopeId: ROOT,
    grants: [{ permissions: both }],
  });
  payments = await createKey(url, owner, { name: 'Payments' });
  nightly = await createKey(url, owner, { name: 'Nightly billing run of the northern region' });
  ledger = await createKey(url, owner, {
    name: 'Ledger',
    serviceAccountId: account,
    permissions: undefined,
  });
  await holdKey(payments.id, { revoked: true }, ['REVOKED']);
  await holdKey(nightly.id, { ...DISABLED, expiresAtMs: Date.parse('2040-01-01') }, ['DISABLED', 'EXPIRY']);
  await holdAccess(
    'service_account',
    account,
    { enabled: false, grants: [{ scopeId: ROOT, roleId: null, permissions: both }] },
    ['DISABLED'],
  );
  await holdAccess('role', role.id, { permissions: ['view_customer'] }, ['ACCESS']);
  await holdAccess('scope', moved, { apiEnabled: false, parentId: south }, ['API_DISABLED', 'MOVED']);
  await eventually(async () => {
    expect(await heldReasons(payments)).toEqual(['REVOKED']);
    expect(await heldReasons(nightly)).toEqual(['DISABLED', 'EXPIRY']);
    expect(await heldReasons(ledger)).toEqual(['SERVICE_ACCOUNT_DISABLED']);
  });
});
afterAll(async () => {
  await browser?.close();
  await keywright?.stop();
});

const notice = (page: Page): Locator =>
  page.getByRole('status').filter({ hasText: 'restored or failed over' });
const badge = (row: Locator): Locator => row.getByText('Held', { exact: true });
const heldRow = (page: Page, name: string): Locator =>
  page.getByRole('table').getByRole('row').filter({ hasText: name }).filter({ hasText: 'Release' });
const gone = { state: 'detached' } as const;
const openKey = async (page: Page, { id, name }: CreatedKey): Promise<void> => {
  await page.goto(`/keys/${id}`);
  await page.getByRole('heading', { name, level: 1 }).waitFor();
};

describe.each(LOOKS)('in $look', ({ options, rules }) => {
  let watched: WatchedPage;
  const { look, taken } = pageAudit(() => watched.page, rules);
  beforeAll(async () => {
    watched = await watchedPage(browser, keywright.url, options);
    await openKeysPage(watched.page);
  });
  afterAll(() => watched?.close());
  pictureOfFailure(() => watched?.page);

  test('holds are accessible', async () => {
    const { page } = watched;
    await page.getByText('Held', { exact: true }).nth(2).waitFor();
    await look('held keys in the list');
    await openKey(page, nightly);
    await notice(page).waitFor();
    await look('held key');
    await page.goto('/processes');
    for (const [action, name] of [
      ['Reapply', 'Payments'],
      ['Release', 'Payments'],
      ['Reapply', 'Invoice export'],
      ['Release', 'Invoice export'],
    ] as const) {
      await page.getByRole('button', { name: `${action}: ${name}` }).click();
      await page.getByRole('dialog').getByRole('button', { name: action }).waitFor();
      await look(`${action} of ${name}`);
      await cancelDialog(page);
    }
    await look('holds');
    expect(taken()).toEqual([]);
    expect(watched.complaints).toEqual([]);
  });
});

test('changes lost in a restore are shown with the key, and reapplied or released on Processes', async () => {
  const watched = await watchedPage(browser, keywright.url);
  const { page } = watched;
  const code = async ({ secret }: CreatedKey): Promise<number> =>
    (await sandbox(keywright.url, 'production/ping', secret)).status;
  async function settle(action: string, name: string, said: string): Promise<void> {
    await page.getByRole('button', { name: `${action}: ${name}` }).click();
    await page.getByRole('dialog').getByRole('button', { name: action }).click();
    await page.getByText(said).first().waitFor();
    await heldRow(page, name).waitFor(gone);
  }
  try {
    await openKeysPage(page);
    // Stays open while the holds are settled in another tab.
    const detail = await page.context().newPage();
    await badge(keyRow(page, nightly.name)).waitFor();
    await openKey(detail, nightly);
    await notice(detail).getByText('disabled, earlier expiry').waitFor();
    await openKey(page, payments);
    await notice(page).getByText('revoked').waitFor();
    await badge(page.getByRole('main')).waitFor();
    await notice(page).getByRole('link', { name: 'Processes' }).click();
    for (const [name, kind, lost] of [
      ['Payments', 'API key', 'revoked'],
      [nightly.name, 'API key', 'disabled, earlier expiry'],
      ['Invoice export', 'Service account', 'disabled'],
      ['Reader', 'Role', 'less access'],
      [ORGANIZATION, 'Scope', 'API turned off, moved'],
    ] as const) {
      await heldRow(page, name).getByText(kind, { exact: true }).waitFor();
      await heldRow(page, name).getByText(lost, { exact: true }).waitFor();
      await heldRow(page, name).getByText(HOST).waitFor();
    }
    expect([await code(payments), await code(nightly), await code(ledger)]).not.toContain(200);

    await settle('Reapply', 'Payments', 'Change to Payments reapplied');
    await settle('Release', nightly.name, `${nightly.name} released`);
    // The key's page in another tab updates without a reload.
    await notice(detail).waitFor(gone);
    expect(await badge(detail.getByRole('main')).count()).toBe(0);
    await settle('Reapply', 'Invoice export', 'Change to Invoice export reapplied');
    await settle('Release', 'Reader', 'Reader released');
    await settle('Reapply', ORGANIZATION, `Change to ${ORGANIZATION} reapplied`);
    await page.getByRole('heading', { name: 'Held after a restore' }).waitFor(gone);

    await page.goto('/keys');
    await keyRow(page, nightly.name).getByText('Active', { exact: true }).waitFor();
    await keyRow(page, 'Ledger').getByText('Inactive', { exact: true }).waitFor();
    expect(await badge(page.getByRole('main')).count()).toBe(0);
    await openKey(page, payments);
    await page.getByRole('main').getByText('Revoked', { exact: true }).first().waitFor();
    await page.getByText('reapplied a change that the restored database had lost').waitFor();
    expect(await notice(page).count()).toBe(0);
    await eventually(async () => expect(await code(nightly)).toBe(200));
    expect([await code(payments), await code(ledger)]).not.toContain(200);

    // A failed read must not look like an empty list.
    const failure = page.getByText('The changes held after a restore could not be read');
    await keywright.database.query('alter table access_hold rename column host to machine');
    await page.goto('/processes');
    await failure.waitFor();
    await keywright.database.query('alter table access_hold rename column machine to host');
    await page.getByRole('button', { name: 'Try again' }).click();
    await failure.waitFor(gone);
    expect(watched.complaints).toEqual([]);
  } finally {
    await watched.close();
  }
});
