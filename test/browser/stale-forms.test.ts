import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { launchBrowser } from '../support/browser/browser.js';
import { createKey, signIn } from '../support/peers/client.js';
import { request } from '../support/peers/graphql.js';
import { chooseInMenu, signInByApi } from '../support/browser/keys-page.js';
import { pictureOfFailure } from '../support/browser/picture-of-failure.js';
import { startKeywright, type Keywright } from '../support/servers/start-keywright.js';
import { watchedPage, type WatchedPage } from '../support/browser/watched-page.js';

let keywright: Keywright;
let browser: Browser;
let watched: WatchedPage;
let page: Page;
let owner: { bearer: string };

beforeAll(async () => {
  [keywright, browser] = await Promise.all([startKeywright(), launchBrowser()]);
  owner = { bearer: await signIn(keywright.url) };
});
afterAll(async () => {
  await browser?.close();
  await keywright?.stop();
});
beforeEach(async () => {
  watched = await watchedPage(browser, keywright.url);
  page = watched.page;
  await signInByApi(page);
});
afterEach(() => watched.close());
pictureOfFailure(() => page);

interface Shown {
  readonly enabled: boolean;
  readonly description: string | null;
  readonly rateLimits: readonly { readonly name: string }[];
}

const change = (input: Record<string, unknown>): Promise<unknown> =>
  request(
    keywright.url,
    'mutation ($input: UpdateApiKeyInput!) { updateApiKey(input: $input) { apiKey { id } } }',
    { input },
    owner,
  );
const read = async (id: string): Promise<Shown> =>
  (
    await request<{ apiKey: Shown }>(
      keywright.url,
      'query ($id: ID!) { apiKey(id: $id) { enabled description rateLimits { name } } }',
      { id },
      owner,
    )
  ).apiKey;

test('a form left open while somebody else disabled the key saves only the edited fields', async () => {
  const rateLimits = [{ name: 'burst', limit: 5, windowSeconds: 60 }];
  const { id, name } = await createKey(keywright.url, owner, { name: 'Stale form', rateLimits });
  await page.goto('/keys');
  await chooseInMenu(page, name, 'Edit');
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Description').fill('From the form');
  await change({ id, enabled: false, description: 'From elsewhere' });

  await dialog.getByRole('button', { name: 'Save changes' }).click();
  await dialog.getByText('Somebody else saved changes while you were editing').waitFor();
  expect(await read(id)).toMatchObject({ enabled: false, description: 'From elsewhere' });
  expect(await dialog.locator('[data-field="Active"]').getAttribute('data-changed-by')).toBe('them');
  await dialog.getByRole('radio', { name: 'Description: keep yours' }).check();
  await dialog.getByRole('button', { name: 'Save these choices' }).click();
  await dialog.waitFor({ state: 'hidden' });
  expect(await read(id)).toEqual({
    enabled: false,
    description: 'From the form',
    rateLimits: [{ name: 'burst' }],
  });
});
