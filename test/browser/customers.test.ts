import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { pickByKeyboard } from '../support/browser/access-page.js';
import { launchBrowser } from '../support/browser/browser.js';
import { createKey, sandbox, signIn } from '../support/peers/client.js';
import { eventually } from '../support/eventually.js';
import { chooseInMenu, signInByApi } from '../support/browser/keys-page.js';
import { listRow } from '../support/browser/people-page.js';
import { pictureOfFailure } from '../support/browser/picture-of-failure.js';
import { createCustomer, createScope, createServiceAccount } from '../support/seed/sample-access.js';
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

const heading = (name: string) => page.getByRole('heading', { name, level: 1, exact: true });
const query = (name: string) => new URL(page.url()).searchParams.get(name);

test('a customer, an organization and an account are created below one another', async () => {
  const dialog = page.getByRole('dialog');
  await page.goto('/customers');
  await page.getByRole('button', { name: 'Create customer' }).first().click();
  await dialog.getByRole('button', { name: 'Create customer' }).click();
  await dialog.getByText('Enter a name.').waitFor();
  await dialog.getByLabel('Name').fill('Initech');
  await dialog.getByLabel('E-mail').fill('it@initech.test');
  await dialog.getByLabel('Joined').fill('2024-03-01');
  await dialog.getByRole('button', { name: 'Create customer' }).click();
  const row = listRow(page, 'Initech');
  await row.getByText('it@initech.test').waitFor();
  await row.getByText('1 Mar 2024').waitFor();
  await row.getByText('Off', { exact: true }).waitFor();

  await page.getByRole('link', { name: 'Initech' }).click();
  await heading('Initech').waitFor();
  await page.getByRole('button', { name: 'Create organization' }).first().click();
  await dialog.getByLabel('Name').fill('Reports');
  await dialog.getByRole('button', { name: 'Create organization' }).click();
  await page.getByRole('link', { name: 'Reports' }).click();
  await heading('Reports').waitFor();
  await page.getByRole('button', { name: 'Create account' }).first().click();
  await dialog.getByLabel('Name').fill('Milton');
  await dialog.getByRole('button', { name: 'Create account' }).click();
  await page.getByRole('link', { name: 'Milton' }).click();
  await heading('Milton').waitFor();
  const path = page.getByRole('navigation', { name: 'Path' });
  expect((await path.getByRole('link').allInnerTexts()).map((text) => text.trim())).toEqual([
    'Customers',
    'Initech',
    'Reports',
  ]);

  // Customers can share a contact address, so that it reveals nothing about others.
  await path.getByRole('link', { name: 'Customers' }).click();
  await page.getByRole('button', { name: 'Create customer' }).first().click();
  await dialog.getByLabel('Name').fill('Initech again');
  await dialog.getByLabel('E-mail').fill('IT@Initech.test');
  await dialog.getByRole('button', { name: 'Create customer' }).click();
  await listRow(page, 'Initech again').getByText('IT@Initech.test').waitFor();
});

test('the search and page of the customer list are kept in the URL', async () => {
  for (let i = 1; i <= 52; i++) {
    await createCustomer(keywright.url, owner, `Bulk ${String(i).padStart(2, '0')}`);
  }
  await page.goto('/customers?q=Bulk');
  await page.getByText('50 of 52 customers').waitFor();
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByText('2 of 52 customers').waitFor();
  expect(query('after')).toBeTruthy();
  await page.reload();
  await page.getByText('2 of 52 customers').waitFor();
  await page.getByRole('button', { name: 'Previous' }).click();
  await page.getByText('50 of 52 customers').waitFor();
  expect(query('after')).toBeNull();

  await page.getByRole('searchbox', { name: 'Search customers' }).fill('bulk 07');
  await page.getByText('1 of 1 customer', { exact: true }).waitFor();
  expect(query('q')).toBe('bulk 07');
  await page.goBack();
  await page.goForward();
  await page.getByText('1 of 1 customer', { exact: true }).waitFor();
});

test('the API tab is shown only while the API is switched on, and switching it off stops the keys', async () => {
  const customer = await createCustomer(keywright.url, owner, 'Switchable', { apiEnabled: false });
  const serviceAccountId = await createServiceAccount(keywright.url, owner, {
    name: 'Switched',
    scopeId: customer,
    grants: [],
  });
  const { secret } = await createKey(keywright.url, owner, { serviceAccountId, permissions: undefined });
  const verdict = async (): Promise<number> =>
    (await sandbox(keywright.url, 'production/ping', secret)).status;

  await page.goto(`/scopes/${customer}?tab=api`);
  await heading('Switchable').waitFor();
  await page.getByText('No organizations yet').waitFor();
  expect(await page.getByRole('tab', { name: 'API' }).count()).toBe(0);
  await eventually(async () => expect(await verdict()).toBe(401));

  await page.getByRole('switch', { name: /^API/ }).click();
  await page.getByRole('tab', { name: 'API' }).waitFor();
  await eventually(async () => expect(await verdict()).toBe(200));
  await page.getByRole('tab', { name: 'Organizations' }).click();
  await page.getByRole('tab', { name: 'API' }).click();
  await page.getByRole('link', { name: 'Switched' }).waitFor();
  expect(query('tab')).toBe('api');
  await page.reload();
  await page.getByRole('link', { name: 'Switched' }).waitFor();

  // Asks before turning off.
  await page.getByRole('switch', { name: /^API/ }).click();
  await page.getByRole('dialog').getByText('The keys of 1 service account here and below').waitFor();
  await page.getByRole('button', { name: 'Turn off' }).click();
  await page.getByRole('tab', { name: 'API' }).waitFor({ state: 'detached' });
  await eventually(async () => expect(await verdict()).toBe(401));
});

test('an API switched off at a higher level is shown, with a link to it', async () => {
  const customer = await createCustomer(keywright.url, owner, 'Upper', { apiEnabled: false });
  const organization = await createScope(keywright.url, owner, {
    kind: 'ORGANIZATION',
    parentId: customer,
    name: 'Lower',
    apiEnabled: true,
  });
  await page.goto(`/scopes/${organization}`);
  const notice = page.getByRole('status').filter({ hasText: 'The API switch of' });
  await notice.getByRole('link', { name: 'Upper' }).click();
  await heading('Upper').waitFor();
  await page.getByRole('switch', { name: /^API/ }).click();
  await page.getByRole('link', { name: 'Lower' }).click();
  await heading('Lower').waitFor();
  await page.getByRole('tab', { name: 'API' }).waitFor();
  expect(await notice.count()).toBe(0);
});

test('a scope in use is not deleted and shows what uses it; an empty one is deleted', async () => {
  const customer = await createCustomer(keywright.url, owner, 'Held');
  const parentId = await createScope(keywright.url, owner, {
    kind: 'ORGANIZATION',
    parentId: customer,
    name: 'Holding',
  });
  await createScope(keywright.url, owner, { kind: 'ACCOUNT', parentId, name: 'Hanging' });
  const dialog = page.getByRole('dialog');
  await page.goto(`/scopes/${parentId}`);
  await heading('Holding').waitFor();
  await page.getByRole('button', { name: 'Actions', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await dialog.getByRole('button', { name: 'Delete' }).click();
  await dialog.getByRole('alert').getByText('1 scope').waitFor();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await dialog.waitFor({ state: 'detached' });

  await chooseInMenu(page, 'Hanging', 'Delete');
  await dialog.getByRole('button', { name: 'Delete' }).click();
  await page.getByText('No accounts yet').waitFor();
  await page.getByRole('button', { name: 'Actions', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await dialog.getByRole('button', { name: 'Delete' }).click();
  // From the deleted scope, goes to its parent.
  await heading('Held').waitFor();
  await page.getByText('No organizations yet').waitFor();
});

test('an organization is moved to another customer using only the keyboard', async () => {
  const from = await createCustomer(keywright.url, owner, 'Leaving');
  await createCustomer(keywright.url, owner, 'Arriving');
  const organization = await createScope(keywright.url, owner, {
    kind: 'ORGANIZATION',
    parentId: from,
    name: 'Travelling',
  });
  await page.goto(`/scopes/${organization}`);
  await heading('Travelling').waitFor();
  await page.getByRole('button', { name: 'Actions', exact: true }).press('Enter');
  await page.getByRole('menuitem', { name: 'Move' }).press('Enter');
  const dialog = page.getByRole('dialog');
  await dialog.getByText('Currently in Leaving.').waitFor();
  await dialog.getByRole('button', { name: 'Move' }).press('Enter');
  await dialog.getByText('Choose a customer.').waitFor();
  await pickByKeyboard(page, dialog, /^New customer/, 'Arriving');
  await dialog.getByRole('button', { name: 'Move' }).press('Enter');
  await dialog.waitFor({ state: 'detached' });
  await page.getByRole('navigation', { name: 'Path' }).getByRole('link', { name: 'Arriving' }).waitFor();
});

test('an administrator of one organization sees and changes only what belongs to it', async () => {
  const customer = await createCustomer(keywright.url, owner, 'Secret parent');
  const sibling = await createScope(keywright.url, owner, {
    kind: 'ORGANIZATION',
    parentId: customer,
    name: 'Beside',
  });
  const own = await createScope(keywright.url, owner, {
    kind: 'ORGANIZATION',
    parentId: customer,
    name: 'My own',
    apiEnabled: true,
  });
  const role = await roleId(keywright.url, owner, 'Organization Administrator');
  const person = await addPerson(keywright.url, owner, 'delegate@example.test', 'Delia', [
    { roleId: role, scopeId: own },
  ]);
  const delegate = await watchedPage(browser, keywright.url);
  page = delegate.page;
  try {
    await signInByApi(page, person);
    await page.goto('/customers');
    await page.getByRole('link', { name: 'My own' }).waitFor();
    expect(await page.getByRole('main').getByRole('row').count()).toBe(2);
    expect(await page.getByRole('button', { name: 'Create customer' }).count()).toBe(0);
    await page.getByRole('link', { name: 'My own' }).click();
    await heading('My own').waitFor();
    expect(await page.getByText('Secret parent').count()).toBe(0);
    await page.getByRole('button', { name: 'Create account' }).first().click();
    await page.getByRole('dialog').getByLabel('Name').fill('Mine too');
    await page.getByRole('dialog').getByRole('button', { name: 'Create account' }).click();
    await page.getByRole('link', { name: 'Mine too' }).waitFor();
    // Creating and deleting an organization requires the permission at its customer.
    await page.getByRole('button', { name: 'Actions', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Turn API off' }).waitFor();
    expect(await page.getByRole('menuitem', { name: 'Delete' }).count()).toBe(0);

    await page.goto(`/scopes/${sibling}`);
    await page.getByText('This scope does not exist').waitFor();
  } finally {
    await delegate.close();
  }
});
