import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { Authenticator } from '../support/peers/authenticator.js';
import { launchBrowser } from '../support/browser/browser.js';
import { createKey, signIn } from '../support/peers/client.js';
import { openKeysPage, signInByApi, signInOnPage } from '../support/browser/keys-page.js';
import {
  readRecoveryCodes,
  signOutOnPage,
  startSecondFactor,
  startSigningIn,
} from '../support/browser/people-page.js';
import { pictureOfFailure } from '../support/browser/picture-of-failure.js';
import { addPerson, PASSWORD, roleId } from '../support/seed/sample-people.js';
import { startKeywright, type Keywright } from '../support/servers/start-keywright.js';
import { watchedPage, type WatchedPage } from '../support/browser/watched-page.js';

let keywright: Keywright;
let browser: Browser;
let watched: WatchedPage;
let page: Page;
let owner: { bearer: string };
let added = 0;

beforeAll(async () => {
  [keywright, browser] = await Promise.all([startKeywright(), launchBrowser()]);
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

/** A user who can view keys, with their own account. */
async function person(): Promise<{ email: string; password: string }> {
  const grants = [{ roleId: await roleId(keywright.url, owner, 'Viewer') }];
  return addPerson(keywright.url, owner, `person${++added}@example.test`, `Person ${added}`, grants);
}

test('a second factor is enrolled, required, replaced by a recovery code, and turned off', async () => {
  const who = await person();
  await signInByApi(page, who);
  await page.goto('/account');

  // The wrong password is reported at its field.
  await page.getByRole('button', { name: 'Set up' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Your password').fill('not the password');
  await dialog.getByRole('button', { name: 'Continue' }).click();
  await dialog.getByText('The password is wrong.').waitFor();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await dialog.waitFor({ state: 'detached' });

  const authenticator = new Authenticator(await startSecondFactor(page, who.password));
  await dialog.getByLabel('One-time code').fill(await authenticator.fresh());
  await dialog.getByRole('button', { name: 'Turn on' }).click();
  const codes = await readRecoveryCodes(page);
  expect(new Set(codes).size).toBe(10);
  await page.keyboard.press('Escape');
  await dialog.getByText('Close without saving the codes?').waitFor();
  await dialog.getByRole('button', { name: 'Stay here' }).click();
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    dialog.getByRole('button', { name: 'Download' }).click(),
  ]);
  expect(file.suggestedFilename()).toBe('keywright-recovery-codes.txt');
  await dialog.getByLabel("I've saved them").check();
  await dialog.getByRole('button', { name: 'Done' }).click();
  await dialog.waitFor({ state: 'detached' });
  await page.getByText('10 recovery codes are left').waitFor();
  expect((await page.content()).includes(codes[0]!)).toBe(false);

  // The second step accepts a pasted code with the space that apps put into it.
  await signOutOnPage(page);
  await startSigningIn(page, who);
  const field = page.getByLabel('One-time code');
  await field.waitFor();
  expect(await field.getAttribute('autocomplete')).toBe('one-time-code');
  expect(await field.evaluate((input) => input === document.activeElement)).toBe(true);
  const code = await authenticator.fresh();
  await page.evaluate((text) => navigator.clipboard.writeText(text), `${code.slice(0, 3)} ${code.slice(3)}`);
  await page.keyboard.press('ControlOrMeta+V');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'API keys', level: 1 }).waitFor();

  await signOutOnPage(page);
  await startSigningIn(page, who);
  await page.getByRole('button', { name: 'Use a recovery code' }).click();
  await page.getByLabel('Recovery code').fill('0000-0000-0000-0000');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('alert').waitFor();
  await page.getByLabel('Recovery code').fill(codes[0]!.toUpperCase());
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'API keys', level: 1 }).waitFor();

  await page.goto('/account');
  await page.getByText('9 recovery codes are left').waitFor();
  await page.getByRole('button', { name: 'New recovery codes' }).click();
  await dialog.getByLabel('Your password').fill(who.password);
  await dialog.getByLabel('One-time code').fill(codes[1]!);
  await dialog.getByRole('button', { name: 'Create new codes' }).click();
  const renewed = await readRecoveryCodes(page);
  expect(renewed).not.toContain(codes[2]);
  await dialog.getByLabel("I've saved them").check();
  await dialog.getByRole('button', { name: 'Done' }).click();
  await page.getByText('10 recovery codes are left').waitFor();

  await page.getByRole('button', { name: 'Turn off' }).click();
  await dialog.getByLabel('Your password').fill(who.password);
  await dialog.getByLabel('One-time code').fill(renewed[0]!);
  await dialog.getByRole('button', { name: 'Turn off' }).click();
  await page.getByRole('button', { name: 'Set up' }).waitFor();
  await signOutOnPage(page);
  await signInOnPage(page, who);
});

test('sessions are listed, and ended individually or all but the current one', async () => {
  const who = await person();
  const bearer = await signIn(keywright.url, who);
  const other = await watchedPage(browser, keywright.url);
  await signInByApi(other.page, who);
  await signInByApi(page, who);
  await page.goto('/account');
  const sessions = page.getByRole('region', { name: 'Signed-in sessions' }).getByRole('listitem');
  await sessions.nth(2).waitFor();
  const own = sessions.filter({ hasText: 'This device' });
  expect(await own.count()).toBe(1);
  expect(await own.innerText()).toContain('Chrome on');

  await sessions.filter({ hasText: 'node' }).first().getByRole('button').click();
  await page.getByText('Session ended').waitFor();
  const answer = await fetch(`${keywright.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${bearer}` },
    body: JSON.stringify({ query: '{ viewer { permissions } }' }),
  });
  expect(await answer.text()).toContain('UNAUTHENTICATED');

  await page.getByRole('button', { name: 'Sign out all others' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Sign out all others' }).click();
  await page.getByText(/other sessions? ha(s|ve) ended/).waitFor();
  await other.page.goto('/roles');
  await other.page.getByLabel('Password').waitFor();
  await other.close();
});

test('changing the password requires the current one and ends all other sessions', async () => {
  const who = await person();
  const other = await watchedPage(browser, keywright.url);
  await signInByApi(other.page, who);
  await signInByApi(page, who);
  await page.goto('/account');
  await page.getByRole('button', { name: 'Change password' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Current password').fill('not the password');
  await dialog.getByLabel('New password').fill('short');
  await dialog.getByRole('button', { name: 'Change password' }).click();
  await dialog.getByText('Use at least 12 characters.').waitFor();
  await dialog.getByLabel('New password').fill('another password of some length');
  await dialog.getByRole('button', { name: 'Change password' }).click();
  await dialog.getByText('The password is wrong.').waitFor();
  await dialog.getByLabel('Current password').fill(who.password);
  await dialog.getByRole('button', { name: 'Change password' }).click();
  await dialog.waitFor({ state: 'detached' });

  await page.reload();
  await page.getByRole('heading', { name: 'My account' }).waitFor();
  await other.page.goto('/roles');
  await other.page.getByLabel('Password').waitFor();
  await signInOnPage(other.page, { ...who, password: 'another password of some length' });
  await other.close();
});

test('the color theme is selected on the account page, and the table of keys is reset to its default layout', async () => {
  const who = await person();
  await openKeysPage(page, who);
  await page.getByRole('button', { name: 'Columns' }).click();
  await page.getByRole('checkbox', { name: 'Kind' }).check();
  await page.keyboard.press('Escape');
  await page.getByRole('columnheader', { name: 'Kind' }).waitFor();
  await page.getByRole('button', { name: 'User menu' }).click();
  await page.getByRole('menuitem', { name: 'My account' }).click();
  await page.getByRole('button', { name: 'Dark' }).click();
  expect(await page.evaluate(() => document.documentElement.classList.contains('dark'))).toBe(true);
  await page.getByRole('button', { name: 'Reset to default' }).click();
  await page.getByText('Columns and density reset').waitFor();
  await page.getByRole('link', { name: 'API keys' }).click();
  await page.getByRole('columnheader', { name: 'Expires' }).waitFor();
  expect(await page.getByRole('columnheader', { name: 'Kind' }).count()).toBe(0);
});

test('without e-mail, people who forgot their password are told to ask an administrator', async () => {
  await page.goto('/sign-in');
  await page.getByText('Ask an administrator for a link').waitFor();
  expect(await page.getByRole('link', { name: 'Forgot your password?' }).count()).toBe(0);
  await page.goto('/sign-in?problem=disabled');
  expect(await page.getByRole('alert').innerText()).toContain('Your user is disabled');
});

test('if everyone needs a second factor, no other page opens until one is enrolled', async () => {
  const who = await person();
  await signInByApi(page);
  await page.goto('/users');
  await page.getByRole('switch', { name: 'Require two-factor for everyone' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Require for everyone' }).click();
  await page.getByText('Set up a second factor to continue').waitFor();

  const other = await watchedPage(browser, keywright.url);
  await startSigningIn(other.page, { email: who.email, password: PASSWORD });
  await other.page.getByText('Set up a second factor to continue').waitFor();
  expect(await other.page.getByRole('navigation', { name: 'Main' }).count()).toBe(0);
  await other.page.goto('/roles');
  await other.page.getByText('Set up a second factor to continue').waitFor();
  const authenticator = new Authenticator(await startSecondFactor(other.page, PASSWORD));
  const dialog = other.page.getByRole('dialog');
  await dialog.getByLabel('One-time code').fill(await authenticator.fresh());
  await dialog.getByRole('button', { name: 'Turn on' }).click();
  await readRecoveryCodes(other.page);
  await dialog.getByLabel("I've saved them").check();
  await dialog.getByRole('button', { name: 'Done' }).click();
  // Continues to the requested page.
  await other.page.getByRole('heading', { name: 'Roles', level: 1 }).waitFor();
  expect(other.foreignRequests).toEqual([]);
  expect(other.complaints).toEqual([]);
  await other.close();
});
