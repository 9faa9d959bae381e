import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from '../support/browser/browser.js';
import { createKey, signIn, type CreatedKey } from '../support/peers/client.js';
import { signInByApi } from '../support/browser/keys-page.js';
import { pictureOfFailure } from '../support/browser/picture-of-failure.js';
import { startKeywright, type Keywright } from '../support/servers/start-keywright.js';
import { watchedPage, type WatchedPage } from '../support/browser/watched-page.js';

/** More rows than one search reads. */
const ROWS = 270_000;

let keywright: Keywright;
let browser: Browser;
let watched: WatchedPage;
let page: Page;
let key: CreatedKey;

beforeAll(async () => {
  [keywright, browser] = await Promise.all([startKeywright(), launchBrowser()]);
  key = await createKey(keywright.url, { bearer: await signIn(keywright.url) });
  await keywright.database.query(
    `insert into request_log (id, at, environment, api_key_id, code, status, method, path, ip)
     select 'req_' || lpad(i::text, 26, '0'), now() - i * interval '1 microsecond', 'PRODUCTION', $1,
       'VALID', 200, 'GET', case i when ${ROWS} - 10 then '/needle' else '/customers/' || i end, '203.0.113.9'
     from generate_series(1, ${ROWS}) i`,
    [key.id],
  );
  watched = await watchedPage(browser, keywright.url);
  page = watched.page;
  await signInByApi(page);
}, 180_000);
afterAll(async () => {
  await watched?.close();
  await browser?.close();
  await keywright?.stop();
});
pictureOfFailure(() => page);

test('the log shows older requests page by page', async () => {
  await page.goto(`/keys/${key.id}`);
  const log = page.getByRole('region', { name: 'Request log' });
  await log.getByText('/customers/25', { exact: false }).first().waitFor();
  expect(await log.locator('tbody tr').count()).toBe(25);
  await page.getByRole('button', { name: 'Show older' }).click();
  await log.locator('tbody tr').nth(49).waitFor();
  expect(await log.locator('tbody tr').count()).toBe(50);
});

test('a search that stopped early shows how far it got, and continues on request', async () => {
  await page.goto(`/keys/${key.id}`);
  await page.getByLabel('Path begins with').fill('/needle');
  const further = page.getByRole('button', { name: 'Search further back' });
  await page.getByText(/No request found back to .* UTC\./).waitFor();
  const found = page.getByRole('region', { name: 'Request log' }).getByText('GET /needle');
  for (let clicks = 0; clicks < 20 && !(await found.isVisible()); clicks++) {
    await further.click();
    await Promise.race([found.waitFor(), further.and(page.locator(':not([disabled])')).waitFor()]);
  }
  expect(await found.isVisible()).toBe(true);
});
