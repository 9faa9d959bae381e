import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { launchBrowser } from '../support/browser/browser.js';
import { createKey, signIn } from '../support/peers/client.js';
import { request } from '../support/peers/graphql.js';
import { chooseInMenu, signInByApi } from '../support/browser/keys-page.js';
import { listRow } from '../support/browser/people-page.js';
import { pictureOfFailure } from '../support/browser/picture-of-failure.js';
import { addPerson, roleId } from '../support/seed/sample-people.js';
import { startKeywright, type Keywright } from '../support/servers/start-keywright.js';
import { watchedPage, type WatchedPage } from '../support/browser/watched-page.js';

let keywright: Keywright;
let browser: Browser;
let watched: WatchedPage;
let page: Page;
let owner: { bearer: string };

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

test('a role is created with a wildcard, changed, and shown by group', async () => {
  await page.goto('/roles');
  await page.getByRole('button', { name: 'Create role' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Create role' }).click();
  await dialog.getByText('Give the role a name.').waitFor();
  await dialog.getByLabel('Name').fill('Support');
  await dialog.getByLabel('View Customers').check();
  await dialog.getByLabel('Wildcards').fill('ticket');
  await dialog.getByRole('button', { name: 'Add', exact: true }).click();
  await dialog.getByText('Enter a name that ends with .*').waitFor();
  await dialog.getByLabel('Wildcards').fill('ticket.*');
  await page.keyboard.press('Enter');
  // Permissions covered by the wildcard are shown as covered and cannot be removed individually.
  expect(await dialog.getByLabel('Ticket Create').isChecked()).toBe(true);
  expect(await dialog.getByLabel('Ticket Create').isDisabled()).toBe(true);
  await dialog.getByRole('button', { name: 'Create role' }).click();

  await page.getByRole('heading', { name: 'Support', level: 1 }).waitFor();
  const permissions = page.getByRole('region', { name: 'Permissions' });
  await permissions.getByText('View Customers').waitFor();
  await permissions.getByText('ticket.*').waitFor();

  await page.getByRole('button', { name: 'Edit' }).click();
  await dialog.getByLabel('Name').fill('Support desk');
  await dialog.getByLabel('Device Read').check();
  await dialog.getByRole('button', { name: 'Save changes' }).click();
  await page.getByRole('heading', { name: 'Support desk', level: 1 }).waitFor();
  await permissions.getByText('Device Read').waitFor();
  await page.getByText('changed the role').waitFor();
});

test('a built-in role cannot be changed, but can be used as a template', async () => {
  await page.goto('/roles');
  await page.getByRole('button', { name: 'Actions for Auditor' }).click();
  expect(await page.getByRole('menuitem').allInnerTexts()).toEqual(['Details', 'Duplicate']);
  await page.getByRole('menuitem', { name: 'Duplicate' }).click();
  const dialog = page.getByRole('dialog');
  expect(await dialog.getByLabel('Name').inputValue()).toBe('Auditor copy');
  await dialog.getByLabel('Name').fill('auditor');
  await dialog.getByRole('button', { name: 'Create role' }).click();
  await dialog.getByLabel('Name').and(page.locator('[aria-invalid="true"]')).waitFor();
  await dialog.getByLabel('Name').fill('Auditor of ours');
  await dialog.getByRole('button', { name: 'Create role' }).click();
  await page.getByRole('heading', { name: 'Auditor of ours', level: 1 }).waitFor();
  await page.getByRole('region', { name: 'Permissions' }).getByText('Audit: read').waitFor();
});

test('a role in use is not deleted, and its holders are listed', async () => {
  const { createRole } = await request<{ createRole: { id: string } }>(
    keywright.url,
    'mutation ($input: CreateRoleInput!) { createRole(input: $input) { id } }',
    { input: { name: 'Held role', permissions: ['view_invoice'] } },
    owner,
  );
  const { id } = await addPerson(keywright.url, owner, 'holder@example.test', 'Hanna Holder', [
    { roleId: createRole.id },
  ]);
  await page.goto('/roles');
  expect(await listRow(page, 'Held role').innerText()).toMatch(/Custom\s+1\s+1/);
  await chooseInMenu(page, 'Held role', 'Delete');
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Delete role' }).click();
  expect(await dialog.getByRole('alert').innerText()).toContain('Hanna Holder');
  await dialog.getByRole('button', { name: 'Cancel' }).click();

  await request(
    keywright.url,
    'mutation ($id: ID!, $grants: [GrantInput!]!) { updateUser(input: { id: $id, grants: $grants }) { id } }',
    { id, grants: [{ roleId: await roleId(keywright.url, owner, 'Viewer') }] },
    owner,
  );
  await page.reload();
  await chooseInMenu(page, 'Held role', 'Delete');
  await dialog.getByRole('button', { name: 'Delete role' }).click();
  await listRow(page, 'Held role').waitFor({ state: 'detached' });
});

test('a permission is added to the catalog, immediately available, and deleted when unused', async () => {
  await page.goto('/permissions');
  await page.getByRole('button', { name: 'Add permission' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('Create Refund');
  await dialog.getByRole('button', { name: 'Add permission' }).click();
  await dialog.getByText('Use lowercase letters').waitFor();
  await dialog.getByLabel('Name').fill('create_refund');
  await dialog.getByLabel('Label').fill('Create Refunds');
  await dialog.getByLabel('Group').fill('Billing');
  await dialog.getByLabel('Description').fill('Pay money back.');
  await dialog.getByRole('button', { name: 'Add permission' }).click();
  await dialog.waitFor({ state: 'detached' });
  const billing = page.getByRole('region', { name: /^Billing/ });
  await billing.getByText('Create Refunds').waitFor();

  await createKey(keywright.url, owner, { name: 'Refund bot', permissions: ['create_refund'] });
  await chooseInMenu(page, 'Create Refunds', 'Delete');
  await dialog.getByRole('button', { name: 'Delete permission' }).click();
  expect(await dialog.getByRole('alert').innerText()).toContain('Refund bot');
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await dialog.waitFor({ state: 'detached' });

  await chooseInMenu(page, 'Create Refunds', 'Edit');
  expect(await dialog.getByLabel('Name').isDisabled()).toBe(true);
  await dialog.getByLabel('Label').fill('Pay Back');
  await dialog.getByRole('button', { name: 'Save changes' }).click();
  await billing.getByText('Pay Back').waitFor();

  // Keywright's own entries are shown without actions.
  await page.getByRole('searchbox', { name: 'Search permissions' }).fill('keywright.keys');
  const own = page.getByRole('region', { name: /^Keywright/ });
  await own.getByText('Keys: revoke').waitFor();
  await billing.waitFor({ state: 'detached' });
  expect(page.url()).toContain('q=keywright.keys');
  expect(await own.getByRole('button', { name: /^Actions for/ }).count()).toBe(0);
});
