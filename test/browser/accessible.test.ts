import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tourCustomers, tourInheritance, tourScopes, tourServiceAccounts } from '../support/access-tour.js';
import { horizontalOverflow, seriousFindings } from '../support/accessibility.js';
import { launchBrowser } from '../support/browser.js';
import { createKey, signIn, type CreatedKey } from '../support/client.js';
import { signInOnPage } from '../support/keys-page.js';
import {
  tourAccount,
  tourLinks,
  tourNavigation,
  tourRoles,
  tourSecondStep,
  tourUsers,
} from '../support/people-tour.js';
import { People, type Person } from '../support/people.js';
import { pictureOfFailure } from '../support/picture-of-failure.js';
import { createSampleAccess, type SampleAccess } from '../support/sample-access.js';
import { createSampleKeys } from '../support/sample-keys.js';
import { createSamplePeople } from '../support/sample-people.js';
import { OWNER, startKeywright, type Keywright } from '../support/start-keywright.js';
import { tourDialogs, tourPages, tourSignedOut } from '../support/ui-tour.js';
import { watchedPage, type WatchedPage } from '../support/watched-page.js';

let keywright: Keywright;
let browser: Browser;
let key: CreatedKey;
let access: SampleAccess;
let protectedPerson: Person;

beforeAll(async () => {
  [keywright, browser] = await Promise.all([startKeywright(), launchBrowser()]);
  const owner = { bearer: await signIn(keywright.url) };
  [key] = (await createSampleKeys(keywright.url, owner)) as [CreatedKey];
  access = await createSampleAccess(keywright.url, owner);
  await createSamplePeople(keywright.url, owner);
  const people = new People(keywright, owner);
  protectedPerson = await people.add();
  await people.enrol(await people.signIn(protectedPerson), protectedPerson.password);
});
afterAll(async () => {
  await browser?.close();
  await keywright?.stop();
});

const looks = [
  { look: 'light', options: { colorScheme: 'light' } },
  { look: 'dark', options: { colorScheme: 'dark' } },
  { look: 'light on a phone', options: { colorScheme: 'light', viewport: { width: 390, height: 844 } } },
] as const;

describe.each(looks)('in $look', ({ options }) => {
  let watched: WatchedPage;
  const findings: string[] = [];
  beforeAll(async () => {
    watched = await watchedPage(browser, keywright.url, options);
  });
  afterAll(() => watched?.close());
  pictureOfFailure(() => watched?.page);

  async function look(state: string): Promise<void> {
    const serious = await seriousFindings(watched.page);
    const overflow = await horizontalOverflow(watched.page);
    findings.push(...serious.map((finding) => `${state}: ${finding}`));
    if (overflow > 0) findings.push(`${state}: ${overflow} px wider than the window`);
  }
  const taken = (): string[] => findings.splice(0);

  test('the pages before signing in can be used by everyone', async () => {
    await tourSignedOut(watched.page, look);
    expect(taken()).toEqual([]);
  });

  test('one-time links and the second step of signing in can be used by everyone', async () => {
    await tourLinks(watched.page, look);
    await tourSecondStep(watched.page, protectedPerson, look);
    expect(taken()).toEqual([]);
  });

  test('every page can be used by everyone', async () => {
    await signInOnPage(watched.page);
    await tourPages(watched.page, key, look);
    expect(taken()).toEqual([]);
  });

  test('the pages of users and every dialog on them can be used by everyone', async () => {
    await tourNavigation(watched.page, look);
    await tourUsers(watched.page, look);
    expect(taken()).toEqual([]);
  });

  test('the pages of roles, permissions and the licence can be used by everyone', async () => {
    await tourRoles(watched.page, look);
    expect(taken()).toEqual([]);
  });

  test('the own account can be used by everyone', async () => {
    await tourAccount(watched.page, OWNER.password, look);
    expect(taken()).toEqual([]);
  });

  test('everything about customers can be used by everyone', async () => {
    await tourCustomers(watched.page, look);
    await tourScopes(watched.page, access, look);
    expect(taken()).toEqual([]);
  });

  test('everything about service accounts can be used by everyone', async () => {
    await tourServiceAccounts(watched.page, look);
    await tourInheritance(watched.page, access, look);
    expect(taken()).toEqual([]);
  });

  test('every dialog and panel can be used by everyone', async () => {
    await tourDialogs(watched.page, key.name, look);
    expect(taken()).toEqual([]);
  });

  test('showing a secret once can be used by everyone', async () => {
    const { page } = watched;
    await page.goto('/keys');
    await page.getByRole('button', { name: 'Create API key' }).click();
    await page
      .getByRole('dialog')
      .getByLabel('Name')
      .fill(`Shown in ${JSON.stringify(options).length}`);
    await page.getByRole('button', { name: 'Create key' }).click();
    await page.getByText('it will not be shown again').waitFor();
    await look('reveal');
    await page.keyboard.press('Escape');
    await page.getByText('Close without having saved the secret?').waitFor();
    await look('guarded close');
    await page.getByRole('button', { name: 'Close anyway' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(taken()).toEqual([]);
  });

  test('nothing was asked of another host, and nothing was complained about', () => {
    expect(watched.foreignRequests).toEqual([]);
    expect(watched.complaints).toEqual([]);
  });
});

test('the page of an installation without keys can be used by everyone', async () => {
  const empty = await startKeywright();
  const watched = await watchedPage(browser, empty.url);
  await signInOnPage(watched.page);
  await watched.page.getByText('Make your first key').waitFor();
  expect(await seriousFindings(watched.page)).toEqual([]);
  // Seen without a reload when someone else makes one.
  await createKey(empty.url, { bearer: await signIn(empty.url) }, { name: 'Made elsewhere' });
  await watched.page.getByRole('link', { name: 'Made elsewhere' }).waitFor();
  await watched.close();
  await empty.stop();
});
