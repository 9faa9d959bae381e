import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { launchBrowser } from '../support/browser/browser.js';
import { createKey, signIn } from '../support/peers/client.js';
import { eventually } from '../support/eventually.js';
import { request } from '../support/peers/graphql.js';
import { chooseInMenu, keyRow, signInByApi, signInOnPage } from '../support/browser/keys-page.js';
import { chooseOnPage, listRow, pickRole, startSigningIn, takeLink } from '../support/browser/people-page.js';
import { People } from '../support/seed/people.js';
import { pictureOfFailure } from '../support/browser/picture-of-failure.js';
import { createCustomer } from '../support/seed/sample-access.js';
import { addPerson, invitePerson, PASSWORD, roleId } from '../support/seed/sample-people.js';
import { OWNER, startKeywright, type Keywright } from '../support/servers/start-keywright.js';
import { watchedPage, type WatchedPage } from '../support/browser/watched-page.js';

let keywright: Keywright;
let browser: Browser;
let watched: WatchedPage;
let page: Page;
let owner: { bearer: string };

beforeAll(async () => {
  [keywright, browser] = await Promise.all([
    startKeywright({ env: { KEYWRIGHT_MAX_KEYS: '25' } }),
    launchBrowser(),
  ]);
  owner = { bearer: await signIn(keywright.url) };
  await createKey(keywright.url, owner, { name: 'Billing sync' });
});
afterAll(async () => {
  await browser?.close();
  await keywright?.stop();
});
beforeEach(async () => {
  watched = await watchedPage(browser, keywright.url);
  page = watched.page;
});
afterEach(() => watched.close());
pictureOfFailure(() => page);

/** Opens a page as another user, next to the owner's. */
async function elsewhere(visit: (other: Page) => Promise<void>): Promise<void> {
  const other = await watchedPage(browser, keywright.url);
  try {
    await visit(other.page);
  } finally {
    await other.close();
  }
}

test('an invited person chooses a password with the link and sees only what their grants allow', async () => {
  await signInByApi(page);
  await page.goto('/users');
  await page.getByRole('button', { name: 'Invite user' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('E-mail').fill('vera@example.test');
  await dialog.getByLabel('Name').fill('Vera Viewer');
  await pickRole(dialog, 1, 'Viewer');
  await dialog.getByRole('button', { name: 'Invite' }).click();
  const link = await takeLink(page);
  expect((await page.content()).includes(link.split('#token=')[1]!)).toBe(false);
  const pending = page.getByRole('region', { name: 'Pending invitations' }).first();
  await pending
    .getByRole('row')
    .filter({ hasText: 'vera@example.test' })
    .getByText('Viewer')
    .last()
    .waitFor();
  expect(await listRow(page, 'Vera Viewer').count()).toBe(0);

  await elsewhere(async (other) => {
    await chooseOnPage(other, link, PASSWORD);
    await keyRow(other, 'Billing sync').waitFor();
    expect(await other.getByRole('button', { name: 'Create API key' }).count()).toBe(0);
    await other.getByRole('button', { name: 'Actions for Billing sync' }).click();
    expect(await other.getByRole('menuitem').allInnerTexts()).toEqual(['Details']);
    await other.keyboard.press('Escape');
    await other.getByRole('button', { name: 'Access' }).click();
    expect(await other.getByRole('menuitem').allInnerTexts()).toEqual(['Roles', 'Permissions', 'License']);
    await other.goto('/users');
    await other.getByText("You don't have access").waitFor();
    await other.goto('/roles');
    await other.getByRole('link', { name: 'Operator' }).waitFor();
    expect(await other.getByRole('button', { name: 'Create role' }).count()).toBe(0);

    // The link works once.
    await other.goto('/docs');
    await chooseOnPage(other, link, PASSWORD);
    await other.getByRole('heading', { name: "This link doesn't work" }).waitFor();
  });
  await page.reload();
  await listRow(page, 'Vera Viewer').getByText('Active').waitFor();
  expect(await pending.count()).toBe(0);
});

test('a search is kept in the URL, and finds users by name and by address', async () => {
  await addPerson(keywright.url, owner, 'needle@example.test', 'Nadia Haystack');
  await signInByApi(page);
  await page.goto('/users?q=haystack');
  await listRow(page, 'Nadia Haystack').waitFor();
  expect(await page.locator('tbody tr').count()).toBe(1);
  await page.getByRole('searchbox', { name: 'Search users' }).fill('needle@');
  await eventually(() => expect(page.url()).toContain('q=needle'));
  await listRow(page, 'Nadia Haystack').waitFor();
  await page.getByRole('searchbox', { name: 'Search users' }).fill('no such person');
  await page.getByText('No users match').waitFor();
  await page.getByRole('button', { name: 'Clear search', exact: true }).last().click();
  await eventually(() => expect(new URL(page.url()).search).toBe(''));
});

test('roles are granted and revoked at a scope, and the access of a user is shown', async () => {
  await createCustomer(keywright.url, owner, 'Northwind');
  await addPerson(keywright.url, owner, 'gina@example.test', 'Gina Granted', [
    { roleId: await roleId(keywright.url, owner, 'Viewer') },
  ]);
  await signInByApi(page);
  await page.goto('/users');
  await page.getByRole('link', { name: 'Gina Granted' }).click();
  await page.getByRole('button', { name: 'Edit' }).click();
  const dialog = page.getByRole('dialog', { name: 'Edit Gina Granted' });
  await dialog.getByRole('button', { name: 'Add a role' }).click();
  await pickRole(dialog, 2, 'Operator');
  await dialog.getByRole('button', { name: /^Where role 2 holds/ }).click();
  await page.getByRole('option', { name: /Northwind/ }).click();
  await dialog.getByRole('button', { name: 'Save changes' }).click();
  await dialog.waitFor({ state: 'detached' });
  const held = page.getByRole('region', { name: 'Roles and permissions' });
  await held.getByText('Northwind').waitFor();
  expect(await held.innerText()).toMatch(/Viewer[\s\S]*Whole installation[\s\S]*Operator[\s\S]*Northwind/);
  await page.getByText('changed the user').waitFor();

  await page.goto('/users');
  await listRow(page, 'Gina Granted').getByText('Viewer +1').waitFor();
});

test('a disabled user is signed out immediately, and can sign in again once enabled', async () => {
  const person = await addPerson(keywright.url, owner, 'dan@example.test', 'Dan Disabled', [
    { roleId: await roleId(keywright.url, owner, 'Viewer') },
  ]);
  await signInByApi(page);
  await page.goto('/users');
  await elsewhere(async (other) => {
    await signInByApi(other, person);
    await chooseInMenu(page, 'Dan Disabled', 'Disable');
    await page.getByText('They created no working keys that you can see.').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Disable' }).click();
    await listRow(page, 'Dan Disabled').getByText('Disabled', { exact: true }).waitFor();
    await other.goto('/roles');
    await startSigningIn(other, person);
    await other.getByRole('alert').waitFor();
  });
  await chooseInMenu(page, 'Dan Disabled', 'Enable');
  await listRow(page, 'Dan Disabled').getByText('Active', { exact: true }).waitFor();
  await elsewhere((other) => signInOnPage(other, person));
});

test('keys created by a user are disabled with them, and exactly these are enabled again', async () => {
  const person = await addPerson(keywright.url, owner, 'kim@example.test', 'Kim Keymaker', [
    { permissions: ['keywright.keys.read', 'keywright.keys.write', 'view_customer'] },
  ]);
  const kim = { bearer: await signIn(keywright.url, person) };
  const first = await createKey(keywright.url, kim, {
    name: 'Nightly export',
    permissions: ['view_customer'],
  });
  const second = await createKey(keywright.url, kim, { name: 'Import', permissions: ['view_customer'] });
  const switchOf = async ({ id }: { id: string }): Promise<boolean> => {
    const rows = await keywright.database.query<{ enabled: boolean }>(
      'select enabled from api_key where id = $1',
      [id],
    );
    return rows[0]!.enabled;
  };
  await signInByApi(page);
  await page.goto('/users');
  await chooseInMenu(page, 'Kim Keymaker', 'Disable');
  const dialog = page.getByRole('dialog');
  await dialog.getByText('Nightly export').waitFor();
  await dialog.getByRole('switch', { name: 'Also disable 2 keys' }).click();
  await dialog.getByRole('button', { name: 'Disable' }).click();
  await page.getByText('Kim Keymaker is disabled, 2 keys disabled').waitFor();
  expect([await switchOf(first), await switchOf(second)]).toEqual([false, false]);

  await page.goto(`/keys/${second.id}`);
  await page.getByRole('button', { name: 'Actions' }).click();
  await page.getByRole('menuitem', { name: 'Enable' }).click();
  await eventually(async () => expect(await switchOf(second)).toBe(true));
  await page.goto('/users');
  await chooseInMenu(page, 'Kim Keymaker', 'Enable');
  await dialog.getByText('Nightly export').waitFor();
  await dialog.getByRole('switch', { name: 'Enable 1 key again' }).click();
  await dialog.getByRole('button', { name: 'Enable' }).click();
  await page.getByText('Kim Keymaker can sign in again, 1 key enabled').waitFor();
  expect([await switchOf(first), await switchOf(second)]).toEqual([true, true]);
});

test('keys that could not be disabled with their user are retried in the same dialog', async () => {
  const person = await addPerson(keywright.url, owner, 'lou@example.test', 'Lou Leaving', [
    { permissions: ['keywright.keys.read', 'keywright.keys.write', 'view_customer'] },
  ]);
  const lou = { bearer: await signIn(keywright.url, person) };
  const { id } = await createKey(keywright.url, lou, { name: 'Relay', permissions: ['view_customer'] });
  await signInByApi(page);
  await page.goto('/users');
  await chooseInMenu(page, 'Lou Leaving', 'Disable');
  const dialog = page.getByRole('dialog');
  const list = dialog.getByRole('list').filter({ hasText: 'Relay' });
  // The list follows the dialog but still keeps clear of the edges.
  await list.waitFor();
  const [outer, inner] = [await dialog.boundingBox(), await list.boundingBox()];
  expect(inner!.x - outer!.x).toBeGreaterThanOrEqual(16);
  await dialog.getByRole('switch', { name: 'Also disable 1 key' }).click();
  const cut = (url: URL): boolean => url.pathname === '/graphql';
  await page.route(cut, (route) =>
    route.request().postData()?.includes('disableKeysOfUser') ? route.abort() : route.continue(),
  );
  await dialog.getByRole('button', { name: 'Disable' }).click();
  await dialog.getByRole('alert').filter({ hasText: 'not all keys are disabled' }).waitFor();
  await page.unroute(cut);
  await dialog.getByRole('button', { name: 'Disable' }).click();
  await page.getByText('Lou Leaving is disabled, 1 key disabled').waitFor();
  await request(
    keywright.url,
    'mutation ($id: ID!) { revokeApiKey(id: $id) { apiKey { id } } }',
    { id },
    owner,
  );
});

test('a person with an account signs in to accept an invitation, or declines it', async () => {
  const viewer = [{ roleId: await roleId(keywright.url, owner, 'Viewer') }];
  const person = await addPerson(keywright.url, owner, 'abe@example.test', 'Abe Account');
  const { link } = await invitePerson(keywright.url, owner, person.email, 'Abe Again', viewer);
  await elsewhere(async (other) => {
    await other.goto(link);
    await other.getByRole('heading', { name: "You're invited" }).waitFor();
    await other.getByText('Owner invited you').waitFor();
    await other.getByText('Whole installation').waitFor();
    // A new password does not sign in, as the account already has one.
    await chooseOnPage(other, link, 'another password for that account');
    await other.getByText('You already have an account').waitFor();
    await other.getByRole('button', { name: 'Sign in', exact: true }).click();
    await other.getByLabel('E-mail').fill(person.email);
    await other.getByLabel('Password').fill(person.password);
    await other.getByRole('button', { name: 'Sign in' }).click();
    await other.getByRole('button', { name: 'Accept' }).click();
    await keyRow(other, 'Billing sync').waitFor();

    const { link: second } = await invitePerson(keywright.url, owner, person.email, 'Abe Again', viewer);
    await other.goto(second);
    await other.getByRole('button', { name: 'Decline' }).click();
    await keyRow(other, 'Billing sync').waitFor();
    await other.goto('/docs');
    await other.goto(second);
    await other.getByRole('heading', { name: 'Choose a password' }).waitFor();

    const { link: foreign } = await invitePerson(keywright.url, owner, 'else@example.test', 'Else', viewer);
    await other.goto('/docs');
    await other.goto(foreign);
    await other.getByText('This invitation is for someone else').waitFor();
    expect(await other.getByRole('button', { name: 'Accept' }).count()).toBe(0);
    await other.getByRole('link', { name: 'Stay signed in' }).click();
    await keyRow(other, 'Billing sync').waitFor();
    await other.goto('/docs');
    await other.goto(foreign);
    await other.getByRole('button', { name: 'Sign in as someone else' }).click();
    await other.getByLabel('E-mail').waitFor();
  });
});

test('an invitation is revoked from the list', async () => {
  const { link } = await invitePerson(keywright.url, owner, 'rita@example.test', 'Rita Revoked');
  await signInByApi(page);
  await page.goto('/users');
  await chooseInMenu(page, 'rita@example.test', 'Revoke');
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
  await page.getByText('Invitation for rita@example.test revoked').waitFor();
  await eventually(async () =>
    expect(await page.getByRole('button', { name: 'Actions for rita@example.test' }).count()).toBe(0),
  );
  await elsewhere(async (other) => {
    await chooseOnPage(other, link, PASSWORD);
    await other.getByRole('heading', { name: "This link doesn't work" }).waitFor();
  });
});

test('a new link invalidates the previous one', async () => {
  const { link } = await invitePerson(keywright.url, owner, 'lea@example.test', 'Lea Link');
  await signInByApi(page);
  await page.goto('/users');
  await chooseInMenu(page, 'lea@example.test', 'New link');
  await page.getByRole('button', { name: 'Create link' }).click();
  const fresh = await takeLink(page);
  await elsewhere(async (other) => {
    await chooseOnPage(other, link, PASSWORD);
    await other.getByRole('heading', { name: "This link doesn't work" }).waitFor();
    await other.goto('/docs');
    await other.goto(fresh);
    await other.getByLabel('Your name').fill('Lea Herself');
    await chooseOnPage(other, fresh, PASSWORD);
    await other.getByRole('button', { name: 'User menu' }).waitFor();
  });
});

test('the second factor of a user who lost the device is reset, and all sessions end', async () => {
  const person = await addPerson(keywright.url, owner, 'tess@example.test', 'Tess Two', [
    { roleId: await roleId(keywright.url, owner, 'Viewer') },
  ]);
  const people = new People(keywright, owner);
  await people.enrol(await people.signIn(person), PASSWORD);
  await signInByApi(page);
  await page.goto('/users');
  await listRow(page, 'Tess Two').getByText('On', { exact: true }).waitFor();
  await chooseInMenu(page, 'Tess Two', 'Reset two-factor');
  await page.getByRole('dialog').getByRole('button', { name: 'Reset', exact: true }).click();
  await listRow(page, 'Tess Two').getByText('Off', { exact: true }).waitFor();
  await elsewhere(async (other) => {
    await signInByApi(other, person);
    await chooseInMenu(page, 'Tess Two', 'End sessions');
    await page.getByRole('dialog').getByRole('button', { name: 'End sessions' }).click();
    await page.getByText(/sessions? of Tess Two ha(s|ve) ended/).waitFor();
    await other.goto('/roles');
    await other.getByLabel('Password').waitFor();
  });
});

test('users cannot disable or lock out themselves', async () => {
  await signInByApi(page);
  await page.goto('/users');
  await listRow(page, 'Owner').getByText('You', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Actions for Owner' }).click();
  expect(await page.getByRole('menuitem').allInnerTexts()).toEqual(['Details', 'Edit', 'My account']);
});

test('the license page shows the maximum number of keys', async () => {
  await signInByApi(page, OWNER);
  await page.goto('/license');
  const meter = page.getByRole('meter', { name: 'Keys used' });
  expect(await meter.getAttribute('aria-valuetext')).toBe('3 of 25 keys');
  await page.getByText('22 more keys can be created.').waitFor();
  await page.getByText('KEYWRIGHT_MAX_KEYS').waitFor();
});

test('callers without the permission see no buttons to manage users or route rules', async () => {
  const viewer = await addPerson(keywright.url, owner, 'victor@example.test', 'Victor Viewer', [
    { roleId: await roleId(keywright.url, owner, 'Viewer') },
  ]);
  await signInByApi(page, viewer);
  for (const [path, title] of [
    ['/users', 'Users'],
    ['/route-rules', 'Route rules'],
  ] as const) {
    await page.goto(path);
    await page.getByRole('heading', { name: title, level: 1 }).waitFor();
    await page.getByText("You don't have access").waitFor();
    expect(await page.getByRole('button', { name: /Invite|Add rule|Import|Try$/ }).allInnerTexts()).toEqual(
      [],
    );
  }
});
