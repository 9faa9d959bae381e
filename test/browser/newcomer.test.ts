import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from '../support/browser/browser.js';
import { eventually } from '../support/eventually.js';
import { chooseInMenu, closeReveal, keyRow, readReveal } from '../support/browser/keys-page.js';
import { pictureOfFailure } from '../support/browser/picture-of-failure.js';
import { runCurl } from '../support/peers/shell.js';
import { startKeywright, type Keywright } from '../support/servers/start-keywright.js';
import { watchedPage, type WatchedPage } from '../support/browser/watched-page.js';

const NAME = 'Billing sync';
let keywright: Keywright;
let browser: Browser;
let watched: WatchedPage;

beforeAll(async () => {
  [keywright, browser] = await Promise.all([
    startKeywright({ env: { KEYWRIGHT_ADMIN_EMAIL: '', KEYWRIGHT_ADMIN_PASSWORD: '' } }),
    launchBrowser(),
  ]);
  watched = await watchedPage(browser, keywright.url);
});
afterAll(async () => {
  await browser?.close();
  await keywright?.stop();
});

pictureOfFailure(() => watched?.page);

test('a new user sets up the owner, creates a key, calls with it, and each change applies to the next call', async () => {
  const { page } = watched;

  // 1. The set-up link printed at start.
  const link = /http\S+\/setup#token=\S+/.exec(keywright.process.stdout())?.[0];
  expect(link).toBeDefined();
  await page.goto(link!);
  await page.getByLabel('Name').fill('Ada Newcomer');
  await page.getByLabel('E-mail').fill('ada@example.test');
  await page.getByLabel('Password').fill('a password of some length');
  await page.getByRole('button', { name: 'Create owner and sign in' }).click();

  // 2. The first key.
  await page.getByRole('button', { name: 'Create API key' }).click();
  const form = page.getByRole('dialog');
  await form.getByLabel('Name').fill(NAME);
  await form.getByRole('button', { name: 'Read only' }).click();
  await form.getByRole('button', { name: 'Create key' }).click();
  const first = await readReveal(page);
  expect(first.secret).toMatch(/^kw_live_[0-9A-Za-z]{50}$/);
  await page.getByRole('button', { name: 'Test now' }).click();
  await page.getByText(/VALID · status 200/).waitFor();
  await closeReveal(page);
  expect(await page.content()).not.toContain(first.secret);

  // 3. Usage and last used update without a reload.
  const row = keyRow(page, NAME);
  const count = row.locator('[title$=" requests"]');
  await row.waitFor();
  const before = Number(await count.innerText());
  const answer = await runCurl(first.curl);
  expect(answer.status, answer.body).toBe(200);
  expect(() => JSON.parse(answer.body) as unknown).not.toThrow();
  await eventually(async () => expect(Number(await count.innerText())).toBe(before + 1));
  await eventually(async () => expect(await row.innerText()).toMatch(/now|second/i));

  // 4. Each change applies to the very next call.
  await chooseInMenu(page, NAME, 'Disable');
  await row.getByText('Inactive').waitFor();
  expect(await codeOf(first.curl)).toEqual([401, 'KEY_DISABLED']);

  await chooseInMenu(page, NAME, 'Enable');
  await row.getByText('Active', { exact: true }).waitFor();
  expect((await runCurl(first.curl)).status).toBe(200);

  await chooseInMenu(page, NAME, 'Regenerate');
  await page.getByLabel('Immediately').check();
  await page.getByRole('button', { name: 'Regenerate', exact: true }).click();
  const second = await readReveal(page);
  await closeReveal(page);
  expect(await codeOf(first.curl)).toEqual([401, 'KEY_NOT_FOUND']);
  expect((await runCurl(second.curl)).status).toBe(200);

  await chooseInMenu(page, NAME, 'Regenerate');
  await page.getByLabel('In 1 hour').check();
  await page.getByRole('button', { name: 'Regenerate', exact: true }).click();
  const third = await readReveal(page);
  await closeReveal(page);
  expect((await runCurl(second.curl)).status).toBe(200);
  expect((await runCurl(third.curl)).status).toBe(200);

  await chooseInMenu(page, NAME, 'Lock');
  await row.getByLabel('Locked').waitFor();
  await chooseInMenu(page, NAME, 'Revoke');
  await page.getByText('This key is locked.').waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  expect((await runCurl(third.curl)).status).toBe(200);

  await chooseInMenu(page, NAME, 'Unlock');
  await row.getByLabel('Locked').waitFor({ state: 'detached' });
  await chooseInMenu(page, NAME, 'Revoke');
  await page
    .getByRole('dialog')
    .getByLabel(/to confirm/)
    .fill(NAME);
  await page.getByRole('button', { name: 'Revoke key' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await row.waitFor({ state: 'detached' });
  for (const { curl } of [second, third]) {
    const [status, code] = await codeOf(curl);
    expect(status).toBe(401);
    expect(['KEY_REVOKED', 'KEY_NOT_FOUND']).toContain(code);
  }
});

test('makes no requests to other hosts and logs no errors on the way', () => {
  expect(watched.foreignRequests).toEqual([]);
  expect(watched.complaints).toEqual([]);
});

async function codeOf(curl: string): Promise<[number, string]> {
  const { status, body } = await runCurl(curl);
  return [status, (JSON.parse(body) as { code: string }).code];
}
