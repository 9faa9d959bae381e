import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  tourCustomers,
  tourInheritance,
  tourScopes,
  tourServiceAccounts,
} from '../support/browser/access-tour.js';
import { launchBrowser } from '../support/browser/browser.js';
import { signIn } from '../support/peers/client.js';
import { signInByApi } from '../support/browser/keys-page.js';
import { LOOKS, pageAudit } from '../support/browser/page-audit.js';
import { pictureOfFailure } from '../support/browser/picture-of-failure.js';
import { createSampleAccess, type SampleAccess } from '../support/seed/sample-access.js';
import { startKeywright, type Keywright } from '../support/servers/start-keywright.js';
import { watchedPage, type WatchedPage } from '../support/browser/watched-page.js';

let keywright: Keywright;
let browser: Browser;
let access: SampleAccess;

beforeAll(async () => {
  [keywright, browser] = await Promise.all([startKeywright(), launchBrowser()]);
  access = await createSampleAccess(keywright.url, { bearer: await signIn(keywright.url) });
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
    await signInByApi(watched.page);
  });
  afterAll(() => watched?.close());
  pictureOfFailure(() => watched?.page);

  test('the customer pages are accessible', async () => {
    await tourCustomers(watched.page, look);
    await tourScopes(watched.page, access, look);
    expect(taken()).toEqual([]);
  });

  test('the service account pages are accessible', async () => {
    await tourServiceAccounts(watched.page, look);
    await tourInheritance(watched.page, access, look);
    expect(taken()).toEqual([]);
  });

  test('makes no requests to other hosts and logs no errors', () => {
    expect(watched.foreignRequests).toEqual([]);
    expect(watched.complaints).toEqual([]);
  });
});
