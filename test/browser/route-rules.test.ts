import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { launchBrowser } from '../support/browser/browser.js';
import { signIn } from '../support/peers/client.js';
import type { Credential } from '../support/peers/graphql.js';
import { chooseInMenu, signInByApi } from '../support/browser/keys-page.js';
import { pictureOfFailure } from '../support/browser/picture-of-failure.js';
import { listRules } from '../support/seed/route-rules.js';
import { startKeywright, type Keywright } from '../support/servers/start-keywright.js';
import { watchedPage, type WatchedPage } from '../support/browser/watched-page.js';

const DOCUMENT = `openapi: 3.1.0
info: { title: Billing }
paths:
  /invoices: { get: { security: [{ oauth: [view_invoice] }] } }
  /refunds: { post: { tags: [Refunds] } }
`;

let keywright: Keywright;
let browser: Browser;
let watched: WatchedPage;
let page: Page;
let owner: Credential;

beforeAll(async () => {
  [keywright, browser] = await Promise.all([startKeywright(), launchBrowser()]);
  owner = { bearer: await signIn(keywright.url) };
});
afterAll(async () => {
  await browser?.close();
  await keywright?.stop();
});
beforeEach(async () => {
  watched = await watchedPage(browser, keywright.url);
  page = watched.page;
  await signInByApi(page);
});
afterEach(() => watched.close());
pictureOfFailure(() => page);

const saved = async (): Promise<string[]> =>
  (await listRules(keywright.url, owner)).map(
    ({ method, pathPattern, permission, access }) => `${method} ${pathPattern} ${permission ?? access}`,
  );

test('rules are added, tested, reordered by keyboard and by dragging, changed and deleted', async () => {
  await page.goto('/route-rules');
  await page.getByText('No rules yet').waitFor();
  const dialog = page.getByRole('dialog');
  const add = async (path: string, permission: string): Promise<void> => {
    await page.getByRole('button', { name: 'Add rule' }).first().click();
    await dialog.getByLabel('Path', { exact: true }).fill(path);
    await dialog.getByLabel('Permission', { exact: true }).selectOption(permission);
    await dialog.getByRole('button', { name: 'Add rule' }).click();
    await page.getByRole('listitem').filter({ hasText: path }).waitFor();
  };
  await page.getByRole('button', { name: 'Add rule' }).first().click();
  await dialog.getByRole('button', { name: 'Add rule' }).click();
  await dialog.getByText('Enter a path').waitFor();
  await dialog.getByLabel('Path', { exact: true }).fill('/customers/{customerId}/**');
  await dialog.getByText('Choose the permission').waitFor();
  await dialog.getByLabel('Permission', { exact: true }).selectOption('view_customer');
  await dialog.getByLabel('Does the path name a scope?').selectOption('customerId');
  await dialog.getByRole('button', { name: 'Add rule' }).click();
  await page.getByRole('listitem').filter({ hasText: '/customers/{customerId}/**' }).waitFor();
  await add('/customers/export', 'create_customer');
  await add('/invoices', 'view_invoice');

  await page.getByLabel('Path', { exact: true }).fill('/customers/scp_7/orders?page=2');
  await page.getByRole('button', { name: 'Try', exact: true }).click();
  await page.getByText('at the scope scp_7').waitFor();
  await page.getByLabel('Path', { exact: true }).fill('/customers/../x');
  await page.keyboard.press('Enter');
  await page.getByText('Rejected before any rule is checked').waitFor();

  await page.getByRole('button', { name: 'Move ANY /customers/export, rule 2' }).press('ArrowUp');
  await page.getByText('ANY /customers/export is now rule 1').waitFor();
  const row = (text: string) => page.getByRole('listitem').filter({ hasText: text });
  await row('/invoices').dragTo(row('/customers/export'));
  await page.getByText('ANY /invoices is now rule 1').waitFor();
  expect(await saved()).toEqual([
    'ANY /invoices view_invoice',
    'ANY /customers/export create_customer',
    'ANY /customers/{customerId}/** view_customer',
  ]);

  await chooseInMenu(page, 'ANY /customers/export', 'Edit');
  await dialog.getByLabel('Access', { exact: true }).selectOption('NOBODY');
  await dialog.getByRole('button', { name: 'Save changes' }).click();
  await row('/customers/export').getByText('Nobody').waitFor();
  await chooseInMenu(page, 'ANY /invoices', 'Delete');
  await dialog.getByRole('button', { name: 'Delete rule' }).click();
  await page.getByText('ANY /invoices deleted').first().waitFor();
  expect(await saved()).toEqual([
    'ANY /customers/export NOBODY',
    'ANY /customers/{customerId}/** view_customer',
  ]);
});

test('changing the default requires confirmation', async () => {
  await page.goto('/route-rules');
  await page.getByLabel('If no rule matches').selectOption('ANY_KEY');
  await page.getByRole('dialog').getByRole('button', { name: 'Allow any valid key' }).click();
  await page.getByText('Requests that match no rule are allowed with any valid key').waitFor();
  await page.getByLabel('If no rule matches').selectOption('DENY');
  await page
    .getByText('Requests that match no rule are allowed with any valid key')
    .waitFor({ state: 'detached' });
});

test('a rule that accepts anybody shows a warning, and no rule accepts TRACE', async () => {
  await page.goto('/route-rules');
  await page.getByRole('button', { name: 'Add rule' }).first().click();
  const dialog = page.getByRole('dialog');
  const warning = dialog.getByText('reach your service without a key');
  await dialog.getByLabel('Path', { exact: true }).fill('/healthz/{probe}');
  await dialog.getByLabel('Does the path name a scope?').waitFor();
  await dialog.getByLabel('Access', { exact: true }).selectOption('ANYBODY');
  await warning.waitFor();
  await dialog.getByLabel('Does the path name a scope?').waitFor({ state: 'detached' });
  await dialog.getByLabel('Access', { exact: true }).selectOption('ANY_KEY');
  await warning.waitFor({ state: 'detached' });
  await dialog.getByLabel('Access', { exact: true }).selectOption('ANYBODY');
  await dialog.getByRole('button', { name: 'Add rule' }).click();
  const row = page.getByRole('listitem').filter({ hasText: '/healthz/{probe}' });
  await row.getByText('Anyone, without a key').waitFor();
  expect(await saved()).toContain('ANY /healthz/{probe} ANYBODY');

  await page.getByLabel('Path', { exact: true }).fill('/healthz/live');
  await page.getByRole('button', { name: 'Try', exact: true }).click();
  await page.getByRole('status').getByText('Anyone, without a key').waitFor();
  await page.getByLabel('Method').selectOption('TRACE');
  await page.getByRole('button', { name: 'Try', exact: true }).click();
  await page.getByText('TRACE requests are always rejected.').waitFor();
});

test('an OpenAPI document is previewed, adjusted and imported', async () => {
  await page.goto('/route-rules');
  await page.getByRole('button', { name: 'Import from OpenAPI' }).first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Preview rules' }).click();
  await dialog.getByText('Paste a document, or choose a file.').waitFor();
  await dialog.getByLabel('Document', { exact: true }).fill('nonsense');
  await dialog.getByRole('button', { name: 'Preview rules' }).click();
  await dialog.getByText('This is not an OpenAPI document').waitFor();
  await dialog
    .getByLabel('File with the document')
    .setInputFiles({ name: 'billing.yaml', mimeType: 'application/yaml', buffer: Buffer.from(DOCUMENT) });
  await dialog.getByLabel('Where the rules go').selectOption('REPLACE');
  await dialog.getByRole('button', { name: 'Preview rules' }).click();
  await dialog.getByText('1 without a permission').waitFor();
  await dialog.getByLabel('Access for POST /refunds').selectOption('create_payment');
  await dialog.getByText('1 without a permission').waitFor({ state: 'detached' });
  await dialog.getByRole('button', { name: 'Import rules' }).click();
  await page.getByText('Billing imported').first().waitFor();
  await page.getByRole('listitem').filter({ hasText: '/refunds' }).waitFor();
  expect(await saved()).toEqual(['GET /invoices view_invoice', 'POST /refunds create_payment']);
});
