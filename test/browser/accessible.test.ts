import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seriousFindings } from '../support/browser/accessibility.js';
import { launchBrowser } from '../support/browser/browser.js';
import { createKey, signIn, type CreatedKey } from '../support/peers/client.js';
import { openKeysPage, signInByApi } from '../support/browser/keys-page.js';
import { LOOKS, pageAudit } from '../support/browser/page-audit.js';
import { pictureOfFailure } from '../support/browser/picture-of-failure.js';
import { createSampleKeys } from '../support/seed/sample-keys.js';
import { startKeywright, type Keywright } from '../support/servers/start-keywright.js';
import { tourDialogs, tourPages, tourSignedOut } from '../support/browser/ui-tour.js';
import { watchedPage, type WatchedPage } from '../support/browser/watched-page.js';

let keywright: Keywright;
let browser: Browser;
let key: CreatedKey;

beforeAll(async () => {
  [keywright, browser] = await Promise.all([startKeywright(), launchBrowser()]);
  const owner = { bearer: await signIn(keywright.url) };
  [key] = (await createSampleKeys(keywright.url, owner)) as [CreatedKey];
});
afterAll(async () => {
  await browser?.close();
  await keywright?.stop();
});

describe.each(LOOKS)('in $look', ({ options, rules }) => {
  let watched: WatchedPage;
  const { look, taken } = pageAudit(() => watched.page, rules);
  beforeAll(async () => {
    watched = await watchedPage(browser, keywright.url, options);
  });
  afterAll(() => watched?.close());
  pictureOfFailure(() => watched?.page);

  test('the pages before signing in are accessible', async () => {
    await tourSignedOut(watched.page, look);
    expect(taken()).toEqual([]);
  });

  test('every page is accessible', async () => {
    await signInByApi(watched.page);
    await tourPages(watched.page, key, look);
    expect(taken()).toEqual([]);
  });

  test('every dialog and panel is accessible', async () => {
    await tourDialogs(watched.page, key.name, look);
    expect(taken()).toEqual([]);
  });

  test('the one-time display of a secret is accessible', async () => {
    const { page } = watched;
    await page.goto('/keys');
    await page.getByRole('button', { name: 'Create API key' }).click();
    await page
      .getByRole('dialog')
      .getByLabel('Name')
      .fill(`Shown in ${JSON.stringify(options).length}`);
    await page.getByRole('button', { name: 'Create key' }).click();
    await page.getByText("It won't be shown again").waitFor();
    await look('reveal');
    await page.keyboard.press('Escape');
    await page.getByText('Close without saving the secret?').waitFor();
    await look('guarded close');
    await page.getByRole('button', { name: 'Close anyway' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(taken()).toEqual([]);
  });

  test('makes no requests to other hosts and logs no errors', () => {
    expect(watched.foreignRequests).toEqual([]);
    expect(watched.complaints).toEqual([]);
  });
});

test('the page of an installation without keys is accessible', async () => {
  const empty = await startKeywright();
  const watched = await watchedPage(browser, empty.url);
  await openKeysPage(watched.page);
  await watched.page.getByText('Create your first key').waitFor();
  expect(await seriousFindings(watched.page)).toEqual([]);
  // Shown without a reload when someone else creates one.
  await createKey(empty.url, { bearer: await signIn(empty.url) }, { name: 'Made elsewhere' });
  await watched.page.getByRole('link', { name: 'Made elsewhere' }).waitFor();
  await watched.close();
  await empty.stop();
});
