import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { pickByKeyboard } from '../support/browser/access-page.js';
import { launchBrowser } from '../support/browser/browser.js';
import { createKey, sandbox, signIn } from '../support/peers/client.js';
import { eventually } from '../support/eventually.js';
import {
  chooseInMenu,
  closeReveal,
  keyRow,
  readReveal,
  openKeysPage,
  signInByApi,
} from '../support/browser/keys-page.js';
import { listRow } from '../support/browser/people-page.js';
import { pictureOfFailure } from '../support/browser/picture-of-failure.js';
import { createCustomer, createServiceAccount } from '../support/seed/sample-access.js';
import { addPerson, roleId } from '../support/seed/sample-people.js';
import { startKeywright, type Keywright } from '../support/servers/start-keywright.js';
import { watchedPage, type WatchedPage } from '../support/browser/watched-page.js';

let keywright: Keywright;
let browser: Browser;
let watched: WatchedPage;
let page: Page;
let dialog: Locator;
let owner: { bearer: string };
let customer: string;

beforeAll(async () => {
  [keywright, browser] = await Promise.all([startKeywright(), launchBrowser()]);
  owner = { bearer: await signIn(keywright.url) };
  customer = await createCustomer(keywright.url, owner, 'Umbrella');
});
afterAll(async () => {
  await browser?.close();
  await keywright?.stop();
});
beforeEach(async () => {
  watched = await watchedPage(browser, keywright.url);
  page = watched.page;
  dialog = page.getByRole('dialog');
  await openKeysPage(page);
});
afterEach(() => watched.close());
pictureOfFailure(() => page);

const heading = (name: string) => page.getByRole('heading', { name, level: 1, exact: true });
const account = (name: string, ...permissions: string[]) =>
  createServiceAccount(keywright.url, owner, {
    name,
    scopeId: customer,
    grants: permissions.length ? [{ permissions, scopeId: customer }] : [],
  });
async function call(path: string, secret: string): Promise<number> {
  return (await sandbox(keywright.url, `production/${path}`, secret)).status;
}

test('a service account with roles at two scopes is created with the keyboard, and a key with only a name', async () => {
  await page.goto('/service-accounts');
  await page.getByRole('button', { name: 'Add a service account' }).first().press('Enter');
  await dialog.getByLabel('Name').fill('Ledger export');
  await pickByKeyboard(page, dialog, /^Scope/, 'Umbrella');
  await dialog.getByRole('combobox', { name: 'Role 1', exact: true }).selectOption({ label: 'Viewer' });
  await dialog.getByRole('button', { name: 'Add a role' }).press('Enter');
  const second = dialog.getByRole('group', { name: 'Role 2' });
  await second.getByRole('combobox').selectOption({ label: 'Own permissions' });
  await second.getByLabel('View Invoices').check();
  await pickByKeyboard(page, second, /^Where role 2 holds/, 'Umbrella');
  await dialog.getByRole('button', { name: 'Add service account' }).press('Enter');

  await heading('Ledger export').waitFor();
  const roles = page.getByRole('region', { name: 'Roles' });
  await roles.getByRole('link', { name: 'Viewer' }).waitFor();
  await roles.getByText('View Invoices').waitFor();

  await page.getByRole('button', { name: 'Add key' }).click();
  await page.getByText('Enter a name for the key.').waitFor();
  await page.getByLabel('Name of the new key').fill('Nightly');
  await page.keyboard.press('Enter');
  const { secret } = await readReveal(page);
  await closeReveal(page);
  await listRow(page, 'Nightly').getByText('Active', { exact: true }).waitFor();
  expect(await call('ping', secret)).toBe(200);

  // A duplicate name is reported at the field.
  await page.getByLabel('Name of the new key').fill('nightly');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').getByText('name').waitFor();
});

test('the page of a key shows the source of each permission', async () => {
  const id = await account('Origin', 'view_customer', 'device.read');
  await createKey(keywright.url, owner, { name: 'Heir', serviceAccountId: id, permissions: undefined });
  await page.goto(`/service-accounts/${id}`);
  await page.getByRole('link', { name: 'Heir' }).click();
  await heading('Heir').waitFor();
  const permissions = page.getByRole('region', { name: 'Permissions' });
  await permissions.getByText('Inherited from Origin').waitFor();
  await permissions.getByRole('link', { name: 'Umbrella' }).waitFor();
  await permissions.getByText('Device Read').waitFor();
  await page.getByRole('region', { name: 'Key', exact: true }).getByRole('link', { name: 'Origin' }).click();
  await heading('Origin').waitFor();
});

test('a key that narrows its service account has fewer permissions, and all of them once it stops narrowing', async () => {
  const id = await account('Wide', 'view_customer', 'device.read');
  await page.goto(`/service-accounts/${id}`);
  await page.getByLabel('Name of the new key').fill('Thin');
  await page.getByRole('button', { name: 'More options' }).click();
  expect(await dialog.getByLabel('Name').inputValue()).toBe('Thin');
  await dialog.getByRole('button', { name: 'Service account: Wide' }).waitFor();
  await dialog.getByText('It can do everything that “Wide” can do').waitFor();
  await dialog.getByLabel('Only part of it').check();
  // Only the service account's permissions are offered.
  expect(await dialog.getByLabel('View Invoices').count()).toBe(0);
  await dialog.getByText('It gets none of the access of “Wide”').waitFor();
  await dialog.getByLabel('Device Read').check();
  await dialog.getByRole('button', { name: 'Create key' }).click();
  const { secret } = await readReveal(page);
  await closeReveal(page);
  expect(await call('devices', secret)).toBe(200);
  expect(await call('customers', secret)).toBe(403);

  await chooseInMenu(page, 'Thin', 'Edit');
  expect(await dialog.getByLabel('Only part of it').isChecked()).toBe(true);
  expect(await dialog.getByLabel('Device Read').isChecked()).toBe(true);
  await dialog.getByLabel('Everything it can do').check();
  await dialog.getByRole('button', { name: 'Save changes' }).click();
  await dialog.waitFor({ state: 'detached' });
  await eventually(async () => expect(await call('customers', secret)).toBe(200));
});

test('disabling a service account stops its keys, and its page says so', async () => {
  const id = await account('Pausing');
  const { secret } = await createKey(keywright.url, owner, {
    name: 'Paused',
    serviceAccountId: id,
    permissions: undefined,
  });
  await page.goto('/service-accounts?q=paus');
  await chooseInMenu(page, 'Pausing', 'Disable');
  await listRow(page, 'Pausing').getByText('Disabled').waitFor();
  await eventually(async () => expect(await call('ping', secret)).toBe(401));
  await chooseInMenu(page, 'Pausing', 'Manage');
  await page.getByText('Disabled: the keys of this service account are rejected.').waitFor();
  await page.getByRole('link', { name: 'Paused' }).click();
  await page.getByText('is disabled, so this key is rejected').waitFor();
  await page.getByRole('main').getByRole('link', { name: 'Pausing' }).first().click();
  await page.getByRole('button', { name: 'Actions', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Enable' }).click();
  await eventually(async () => expect(await call('ping', secret)).toBe(200));
});

test('a service account can be deleted only after its keys are revoked', async () => {
  const id = await account('Ending');
  await createKey(keywright.url, owner, { name: 'Last', serviceAccountId: id, permissions: undefined });
  await page.goto(`/service-accounts/${id}`);
  await heading('Ending').waitFor();
  const remove = async (): Promise<void> => {
    await page.getByRole('button', { name: 'Actions', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await dialog.getByRole('button', { name: 'Delete' }).click();
  };
  await remove();
  await dialog.getByRole('alert').getByText('1 key').waitFor();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await dialog.waitFor({ state: 'detached' });
  await chooseInMenu(page, 'Last', 'Revoke');
  await dialog.getByLabel(/to confirm/).fill('Last');
  await dialog.getByRole('button', { name: 'Revoke key' }).click();
  await dialog.waitFor({ state: 'detached' });
  await page.getByText('No keys yet').waitFor();
  await remove();
  await page.getByRole('heading', { name: 'Service accounts', level: 1 }).waitFor();
  await page.getByText('Ending deleted').waitFor();
});

test('keys are filtered by service account and scope, and the URL keeps both', async () => {
  const id = await account('Finding');
  await createKey(keywright.url, owner, { name: 'Found', serviceAccountId: id, permissions: undefined });
  await createKey(keywright.url, owner, { name: 'Elsewhere' });
  await page.goto('/keys');
  await keyRow(page, 'Found').getByRole('link', { name: 'Finding' }).waitFor();
  await page.getByRole('button', { name: 'Filters' }).click();
  const filters = page.getByRole('group', { name: 'Filters' });
  await pickByKeyboard(page, filters, /^Service account/, 'Finding');
  await pickByKeyboard(page, filters, /^Scope \(including below\)/, 'Umbrella');
  await page.keyboard.press('Escape');
  await eventually(async () => expect(await page.locator('tbody tr:not([aria-hidden])').count()).toBe(1));
  const { searchParams } = new URL(page.url());
  expect(searchParams.get('account')).toBe(id);
  expect(searchParams.get('within')).toBe(customer);
  await page.reload();
  await page.getByRole('button', { name: 'Remove filter: Service account Finding' }).click();
  await page.getByRole('button', { name: 'Remove filter: In Umbrella' }).click();
  await keyRow(page, 'Elsewhere').waitFor();
  expect(new URL(page.url()).search).toBe('');
});

test('permissions of a key apply at the selected scopes, and its scope is their lowest common ancestor', async () => {
  await page.getByRole('button', { name: 'Create API key' }).click();
  await dialog.getByLabel('Name').fill('Local');
  await dialog.getByLabel('Device Read').check();
  await pickByKeyboard(page, dialog, /^Scopes of the permissions/, 'Umbrella');
  await dialog.getByText('It can do this: Device Read, at Umbrella').waitFor();
  await dialog.getByRole('button', { name: 'Create key' }).click();
  await closeRevealOf('Local');
  await page.getByRole('link', { name: 'Local' }).click();
  const facts = page.getByRole('region', { name: 'Key', exact: true });
  await facts.getByRole('link', { name: 'Umbrella' }).waitFor();

  // Row by row, for grants that one set cannot express.
  await page.getByRole('button', { name: 'Edit' }).click();
  await dialog.getByRole('button', { name: /^Use roles/ }).click();
  await dialog.getByRole('button', { name: 'Add a role' }).click();
  await dialog.getByRole('combobox', { name: 'Role 2', exact: true }).selectOption({ label: 'Viewer' });
  await dialog.getByRole('button', { name: 'Save changes' }).click();
  await dialog.waitFor({ state: 'detached' });
  const permissions = page.getByRole('region', { name: 'Permissions' });
  await permissions.getByRole('link', { name: 'Viewer' }).waitFor();
  await permissions.getByText('Device Read').waitFor();
});

async function closeRevealOf(name: string): Promise<void> {
  await page.getByText(`“${name}” is ready`).waitFor();
  await closeReveal(page);
}

test('an administrator of one customer creates service accounts and keys there without selecting a scope', async () => {
  const role = await roleId(keywright.url, owner, 'Customer Administrator');
  const person = await addPerson(keywright.url, owner, 'carla@example.test', 'Carla', [
    { roleId: role, scopeId: customer },
  ]);
  const delegate = await watchedPage(browser, keywright.url);
  page = delegate.page;
  dialog = page.getByRole('dialog');
  try {
    await signInByApi(page, person);
    await page.goto('/service-accounts');
    await page.getByRole('button', { name: 'Add a service account' }).first().click();
    await dialog.getByLabel('Name').fill('By Carla');
    await dialog.getByRole('button', { name: 'Scope: Umbrella' }).waitFor();
    await dialog.getByRole('button', { name: 'Where role 1 holds: Umbrella' }).waitFor();
    await dialog.getByRole('combobox', { name: 'Role 1', exact: true }).selectOption({ label: 'Viewer' });
    await dialog.getByRole('button', { name: 'Add service account' }).click();
    await heading('By Carla').waitFor();
    await page.getByLabel('Name of the new key').fill('Key of Carla');
    await page.keyboard.press('Enter');
    await closeRevealOf('Key of Carla');

    await page.goto('/keys');
    await page.getByRole('button', { name: 'Create API key' }).click();
    await dialog.getByLabel('Name').fill('Own key of Carla');
    await dialog.getByLabel('Device Read').check();
    await dialog.getByText('Its scope is Umbrella.').waitFor();
    // She cannot see the license usage.
    expect(await dialog.getByText('keys in use').count()).toBe(0);
    await dialog.getByRole('button', { name: 'Create key' }).click();
    await closeRevealOf('Own key of Carla');
    // She cannot grant permissions that she does not have.
    await chooseInMenu(page, 'Own key of Carla', 'Edit');
    await dialog.getByLabel('Admin (all permissions)').check();
    await dialog.getByRole('button', { name: 'Save changes' }).click();
    await dialog.getByRole('alert').first().waitFor();
  } finally {
    await delegate.close();
  }
});

test('the form shows how much of the license is used, and both numbers when it is exhausted', async () => {
  const limited = await startKeywright({ env: { KEYWRIGHT_MAX_KEYS: '2' } });
  const other = await watchedPage(browser, limited.url);
  page = other.page;
  dialog = page.getByRole('dialog');
  try {
    const credential = { bearer: await signIn(limited.url) };
    await createKey(limited.url, credential);
    await openKeysPage(page);
    await page.getByRole('button', { name: 'Create API key' }).click();
    await dialog.getByText('1 of 2 keys in use').waitFor();
    await createKey(limited.url, credential);
    await dialog.getByLabel('Name').fill('One too many');
    await dialog.getByRole('button', { name: 'Create key' }).click();
    await dialog.getByText('The license allows 2 keys, and 2 are in use.').waitFor();
  } finally {
    await other.close();
    await limited.stop();
  }
});
