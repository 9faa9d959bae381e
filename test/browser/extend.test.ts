import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { launchBrowser } from '../support/browser/browser.js';
import { createKey, signIn } from '../support/peers/client.js';
import { chooseInMenu, keyRow, openKeysPage } from '../support/browser/keys-page.js';
import { pictureOfFailure } from '../support/browser/picture-of-failure.js';
import { startKeywright, type Keywright } from '../support/servers/start-keywright.js';
import { watchedPage, type WatchedPage } from '../support/browser/watched-page.js';

let keywright: Keywright;
let browser: Browser;
let watched: WatchedPage;
let page: Page;

beforeAll(async () => {
  [keywright, browser] = await Promise.all([startKeywright(), launchBrowser()]);
  const bearer = await signIn(keywright.url);
  await createKey(keywright.url, { bearer }, { name: 'Sooner', expiresOn: '2035-01-01' });
  await createKey(keywright.url, { bearer }, { name: 'Later', expiresOn: '2041-06-01' });
  await createKey(keywright.url, { bearer }, { name: 'Endless' });
});
afterAll(async () => {
  await browser?.close();
  await keywright?.stop();
});
beforeEach(async () => {
  watched = await watchedPage(browser, keywright.url);
  page = watched.page;
  await openKeysPage(page);
});
afterEach(() => watched.close());
pictureOfFailure(() => page);

async function openExtend(...names: string[]): Promise<void> {
  for (const name of names) await page.getByLabel(`Select ${name}`).check();
  await page.getByRole('toolbar').getByRole('button', { name: 'Extend' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Extend' }).waitFor();
}
const endShown = (name: string, end: string): Promise<void> =>
  keyRow(page, name).getByText(end, { exact: true }).waitFor();

test('extending by days starts at the current expiry and skips keys without one', async () => {
  await openExtend('Sooner', 'Endless');
  const dialog = page.getByRole('dialog');
  await dialog.getByText('Endless: no expiry, so nothing to extend.').waitFor();
  await dialog.getByRole('button', { name: '+ 30 days' }).click();
  await dialog.getByRole('button', { name: 'Extend' }).click();
  await dialog.waitFor({ state: 'detached' });
  await page.getByText('1 key extended').first().waitFor();
  // The notice includes the propagation.
  await page
    .getByText(/^Live( after [\d,]+ ms)?\.$/)
    .first()
    .waitFor();
  await endShown('Sooner', '31 Jan 2035 UTC');
  await keyRow(page, 'Endless').getByText('Never', { exact: true }).first().waitFor();
});

test('a date shortens keys only on request', async () => {
  await openExtend('Later', 'Endless');
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('To a date').check();
  await dialog.getByLabel('Expires on').fill('2040-01-01');
  await dialog.getByText(/Later and Endless|Endless and Later/).waitFor();
  await dialog.getByText('Will be left unchanged.').waitFor();
  await dialog.getByRole('button', { name: 'Extend' }).click();
  await dialog.getByRole('alert').filter({ hasText: 'Nothing to extend' }).waitFor();
  await dialog.getByLabel('Shorten these keys').check();
  await dialog.getByText('Will be shortened.').waitFor();
  await dialog.getByRole('button', { name: 'Extend' }).click();
  await dialog.waitFor({ state: 'detached' });
  await endShown('Later', '1 Jan 2040 UTC');
  await endShown('Endless', '1 Jan 2040 UTC');
});

test('the form of a key extends from its expiry and warns if it shortens', async () => {
  await chooseInMenu(page, 'Sooner', 'Edit');
  const dialog = page.getByRole('dialog');
  const field = dialog.getByLabel('Expires on');
  await field.waitFor();
  const before = await field.inputValue();
  await dialog.getByRole('button', { name: '+ 30 days' }).click();
  expect(Date.parse(await field.inputValue()) - Date.parse(before)).toBe(30 * 86_400_000);
  expect(await dialog.getByText('This makes the key expire earlier').count()).toBe(0);
  await field.fill('2034-12-31');
  await dialog.getByText('This makes the key expire earlier').waitFor();
});
