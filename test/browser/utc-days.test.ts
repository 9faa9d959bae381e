import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { launchBrowser } from '../support/browser/browser.js';
import { createKey, signIn } from '../support/peers/client.js';
import { chooseInMenu, keyRow, openKeysPage } from '../support/browser/keys-page.js';
import { pictureOfFailure } from '../support/browser/picture-of-failure.js';
import { startKeywright, type Keywright } from '../support/servers/start-keywright.js';
import { watchedPage, type WatchedPage } from '../support/browser/watched-page.js';

let keywright: Keywright;
let browser: Browser;

beforeAll(async () => {
  [keywright, browser] = await Promise.all([startKeywright(), launchBrowser()]);
  const bearer = await signIn(keywright.url);
  await createKey(keywright.url, { bearer }, { name: 'Whole day', expiresOn: '2031-03-04' });
  await createKey(keywright.url, { bearer }, { name: 'Past midnight', expiresAt: '2031-03-05T00:30:00Z' });
});
afterAll(async () => {
  await browser?.close();
  await keywright?.stop();
});

const today = new Date().toISOString().slice(0, 10);

describe.each([
  // Time zones where it is already tomorrow and still yesterday.
  { zone: 'Pacific/Kiritimati', now: `${today}T12:00:00Z` },
  { zone: 'America/Los_Angeles', now: `${today}T03:00:00Z` },
])('a browser in $zone', ({ zone, now }) => {
  let watched: WatchedPage;
  let page: Page;
  beforeEach(async () => {
    watched = await watchedPage(browser, keywright.url, { timezoneId: zone });
    page = watched.page;
    await page.clock.setFixedTime(now);
    await openKeysPage(page);
  });
  afterEach(() => watched.close());
  pictureOfFailure(() => page);

  test('shows in the list the UTC day on which a key expires, or the time within a day', async () => {
    await keyRow(page, 'Whole day').getByText('4 Mar 2031 UTC', { exact: true }).waitFor();
    await keyRow(page, 'Past midnight').getByText('5 Mar 2031, 00:30:00 UTC', { exact: true }).waitFor();
  });

  test('accepts UTC days in the form, starting with today', async () => {
    await chooseInMenu(page, 'Past midnight', 'Edit');
    const dialog = page.getByRole('dialog');
    const field = dialog.getByLabel('Expires on');
    await field.waitFor();
    expect(await field.inputValue()).toBe('2031-03-05');
    expect(await field.getAttribute('min')).toBe(today);
    await dialog.getByText('The key works until 5 Mar 2031, 00:30:00 UTC.').waitFor();
    await dialog.getByText(/Dates are in UTC; the earliest is today, \d+ \w+ \d+\./).waitFor();
    await field.fill('2031-03-04');
    await dialog.getByText('The key works until the end of 4 Mar 2031 (UTC).').waitFor();
    await dialog.getByRole('button', { name: 'Save changes' }).click();
    await dialog.waitFor({ state: 'detached' });
    await keyRow(page, 'Past midnight').getByText('4 Mar 2031 UTC', { exact: true }).waitFor();
    const stored = await keywright.database.query<{ expires_at: Date }>(
      "select expires_at from api_key where name = 'Past midnight'",
    );
    expect(stored[0]!.expires_at.toISOString()).toBe('2031-03-04T23:59:59.000Z');
    await keywright.database.query(
      "update api_key set expires_at = '2031-03-05T00:30:00Z' where name = 'Past midnight'",
    );
  });

  test('accepts join dates up to today in UTC', async () => {
    await page.goto('/customers');
    await page.getByRole('button', { name: 'Create customer' }).first().click();
    const dialog = page.getByRole('dialog');
    const field = dialog.getByLabel('Joined');
    await field.waitFor();
    expect(await field.inputValue()).toBe(today);
    expect(await field.getAttribute('max')).toBe(today);
    await dialog.getByText(/In UTC; the latest is \d+ \w+ \d+\./).waitFor();
    await dialog.getByLabel('Name').fill('From tomorrow on');
    await dialog.getByLabel('E-mail').fill('tomorrow@example.test');
    await field.fill('2199-01-01');
    await dialog.getByRole('button', { name: 'Create customer' }).click();
    await dialog.getByText(/The latest day is \d+ \w+ \d+ \(UTC\)\./).waitFor();
  });

  test('filters by UTC days, and says so', async () => {
    await page.goto('/keys?expiresFrom=2031-03-05&expiresTo=2031-03-05');
    await keyRow(page, 'Past midnight').waitFor();
    expect(await keyRow(page, 'Whole day').count()).toBe(0);
    await page.getByText('Expires 5 Mar 2031 – 5 Mar 2031 (UTC)').waitFor();
    await page.getByRole('button', { name: 'Filters' }).click();
    await page.getByText('days in UTC').first().waitFor();
  });
});
