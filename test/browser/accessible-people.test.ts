import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser } from '../support/browser/browser.js';
import { signIn } from '../support/peers/client.js';
import { signInOnPage } from '../support/browser/keys-page.js';
import { LOOKS, pageAudit } from '../support/browser/page-audit.js';
import {
  tourAccount,
  tourLinks,
  tourNavigation,
  tourRoles,
  tourSecondStep,
  tourUser,
  tourUsers,
} from '../support/browser/people-tour.js';
import { People, type Person } from '../support/seed/people.js';
import { pictureOfFailure } from '../support/browser/picture-of-failure.js';
import { createSamplePeople } from '../support/seed/sample-people.js';
import { OWNER, startKeywright, type Keywright } from '../support/servers/start-keywright.js';
import { watchedPage, type WatchedPage } from '../support/browser/watched-page.js';

let keywright: Keywright;
let browser: Browser;
let protectedPerson: Person;

beforeAll(async () => {
  [keywright, browser] = await Promise.all([startKeywright(), launchBrowser()]);
  const owner = { bearer: await signIn(keywright.url) };
  await createSamplePeople(keywright.url, owner);
  const people = new People(keywright, owner);
  protectedPerson = await people.add();
  await people.enrol(await people.signIn(protectedPerson), protectedPerson.password);
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

  test('one-time links and the second sign-in step are accessible', async () => {
    await tourLinks(watched.page, look);
    await tourSecondStep(watched.page, protectedPerson, look);
    expect(taken()).toEqual([]);
  });

  test('the navigation and the page of a user are accessible', async () => {
    await signInOnPage(watched.page);
    await tourNavigation(watched.page, look);
    await tourUser(watched.page, look);
    expect(taken()).toEqual([]);
  });

  test('the list of users and all its dialogs are accessible', async () => {
    await tourUsers(watched.page, look);
    expect(taken()).toEqual([]);
  });

  test('the roles, permissions and license pages are accessible', async () => {
    await tourRoles(watched.page, look);
    expect(taken()).toEqual([]);
  });

  test('the account page is accessible', async () => {
    await tourAccount(watched.page, OWNER.password, look);
    expect(taken()).toEqual([]);
  });

  test('makes no requests to other hosts and logs no errors', () => {
    expect(watched.foreignRequests).toEqual([]);
    expect(watched.complaints).toEqual([]);
  });
});
