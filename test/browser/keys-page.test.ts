import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { launchBrowser } from '../support/browser/browser.js';
import { createKey, sandbox, signIn } from '../support/peers/client.js';
import { eventually } from '../support/eventually.js';
import { codes, graphql } from '../support/peers/graphql.js';
import { chooseInMenu, closeReveal, keyRow, readReveal, openKeysPage } from '../support/browser/keys-page.js';
import { pictureOfFailure } from '../support/browser/picture-of-failure.js';
import { createSampleKeys } from '../support/seed/sample-keys.js';
import { startKeywright, type Keywright } from '../support/servers/start-keywright.js';
import { watchedPage, type WatchedPage } from '../support/browser/watched-page.js';

let keywright: Keywright;
let browser: Browser;
let watched: WatchedPage;
let page: Page;

beforeAll(async () => {
  [keywright, browser] = await Promise.all([startKeywright(), launchBrowser()]);
  await createSampleKeys(keywright.url, { bearer: await signIn(keywright.url) });
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

const rowCount = (): Promise<number> => page.locator('tbody tr:not([aria-hidden])').count();
const headers = (): Promise<string[]> => page.getByRole('columnheader').allInnerTexts();

test('a key is created using only the keyboard', async () => {
  const { keyboard } = page;
  await page.getByRole('button', { name: 'Create API key' }).focus();
  await keyboard.press('Enter');
  const dialog = page.getByRole('dialog');
  await dialog.waitFor();
  await eventually(async () =>
    expect(await dialog.getByLabel('Name').evaluate((field) => field === document.activeElement)).toBe(true),
  );
  await keyboard.type('Made by keyboard');
  // Tab stays in the dialog and reaches everything in it.
  await tabTo('View Customers');
  await keyboard.press('Space');
  await tabTo('Create key');
  await keyboard.press('Enter');
  const { secret } = await readReveal(page);
  expect(secret).toMatch(/^kw_live_/);
  await tabTo("I've saved it");
  await keyboard.press('Space');
  await tabTo('Done');
  await keyboard.press('Enter');
  await dialog.waitFor({ state: 'detached' });
  await keyRow(page, 'Made by keyboard').getByText('View Customers').waitFor();
});

/** Presses Tab until the focused element carries this label. */
async function tabTo(label: string): Promise<void> {
  for (let presses = 0; presses < 80; presses++) {
    const focused = await page.evaluate(() => {
      const element = document.activeElement as HTMLInputElement;
      return (
        element.getAttribute('aria-label') ?? element.labels?.[0]?.textContent ?? element.textContent ?? ''
      );
    });
    if (focused.includes(label)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab never came to ${label}.`);
}

test('filters are kept in the URL and survive a reload', async () => {
  await keyRow(page, 'Billing sync').waitFor();
  const all = await rowCount();
  await page.getByRole('button', { name: /^Expiring soon/ }).click();
  await keyRow(page, 'CRM connector').waitFor();
  await eventually(async () => expect(await rowCount()).toBe(1));
  expect(new URL(page.url()).searchParams.get('status')).toBe('expiring');
  await page.reload();
  await keyRow(page, 'CRM connector').waitFor();
  expect(await rowCount()).toBe(1);
  await page.getByRole('button', { name: /^Expiring soon/ }).click();
  await eventually(async () => expect(await rowCount()).toBe(all));

  await page.getByRole('button', { name: 'Filters' }).click();
  await page.getByLabel('Environment').selectOption({ label: 'Staging' });
  await eventually(async () => expect(await rowCount()).toBe(1));
  expect(new URL(page.url()).searchParams.get('env')).toBe('staging');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Clear all', exact: true }).click();
  await eventually(async () => expect(await rowCount()).toBe(all));
  expect(new URL(page.url()).search).toBe('');
});

test('a search finds keys by name, and a pasted key is found but never appears in the URL', async () => {
  const search = page.getByRole('searchbox', { name: 'Search keys' });
  await search.fill('warehouse');
  await keyRow(page, 'Warehouse scanner').waitFor();
  await eventually(async () => expect(await rowCount()).toBe(1));
  expect(page.url()).toContain('q=warehouse');

  const { secret } = await createKey(
    keywright.url,
    { bearer: await signIn(keywright.url) },
    { name: 'Pasted key' },
  );
  await search.fill(secret);
  await keyRow(page, 'Pasted key').waitFor();
  await eventually(async () => expect(await rowCount()).toBe(1));
  expect(page.url()).not.toContain('kw_live_');
});

test('sorting by name toggles with each click', async () => {
  const names = (): Promise<string[]> => page.locator('tbody th[scope=row] a').allInnerTexts();
  const sorted = (list: string[]): string[] =>
    [...list].sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1));
  await page.getByRole('columnheader', { name: 'Name' }).getByRole('button').click();
  await eventually(async () => expect(await names()).toEqual(sorted(await names())));
  await page.getByRole('columnheader', { name: 'Name' }).getByRole('button').click();
  await eventually(async () => expect(await names()).toEqual(sorted(await names()).toReversed()));
  expect(page.url()).toContain('sort=name');
});

test('columns are hidden, shown and moved with the keyboard, and remembered for this user', async () => {
  await page.getByRole('button', { name: 'Columns' }).click();
  await page.getByRole('checkbox', { name: 'Permissions' }).uncheck();
  await page.getByRole('checkbox', { name: 'Created by' }).check();
  await page.getByRole('button', { name: /^Move Environment/ }).focus();
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Escape');
  const kept = await headers();
  expect(kept).not.toContain('Permissions');
  expect(kept).toContain('Created by');
  expect(kept.indexOf('Environment')).toBeLessThan(kept.indexOf('Key ID'));

  // A new browser, so its layout comes from the server.
  await eventually(async () => {
    const elsewhere = await watchedPage(browser, keywright.url);
    try {
      await openKeysPage(elsewhere.page);
      await elsewhere.page.getByRole('row').nth(2).waitFor();
      expect(await elsewhere.page.getByRole('columnheader').allInnerTexts()).toEqual(kept);
    } finally {
      await elsewhere.close();
    }
  });
  await page.getByRole('button', { name: 'Columns' }).click();
  await page.getByRole('button', { name: 'Reset to default' }).click();
  await eventually(async () => expect(await headers()).toContain('Permissions'));
});

test('several keys are disabled in one step', async () => {
  await page.getByLabel('Select Billing sync').check();
  await page.getByLabel('Select Status page').check();
  await page.getByRole('toolbar').getByRole('button', { name: 'Disable' }).click();
  for (const name of ['Billing sync', 'Status page']) {
    await keyRow(page, name).getByText('Inactive').waitFor();
  }
});

test('a quota is set, shown in the summary and with the key, and removed again', async () => {
  await page.getByRole('button', { name: 'Create API key' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('Metered');
  await dialog.getByLabel('Per day').fill('0');
  await dialog.getByRole('button', { name: 'Create key' }).click();
  await dialog.getByText('Enter 1 to 2,147,483,647, or leave it empty.').waitFor();
  await dialog.getByLabel('Per day').fill('2');
  await dialog.getByLabel('Per month').fill('90000');
  await dialog.getByText('at most 2 per calendar day and 90,000 per calendar month').waitFor();
  await dialog.getByRole('button', { name: 'Create key' }).click();
  await page.getByText(/Live after [\d,]+ ms\./).waitFor();
  const { secret } = await readReveal(page);
  await closeReveal(page);
  const call = async (): Promise<number> => (await sandbox(keywright.url, 'production/ping', secret)).status;
  expect([await call(), await call(), await call()]).toEqual([200, 200, 429]);

  await keyRow(page, 'Metered').getByRole('link', { name: 'Metered' }).click();
  await page.getByText('2 per calendar day', { exact: true }).waitFor();
  await page.getByText('90,000 per calendar month', { exact: true }).waitFor();
  await page.getByText('Quota used up').first().waitFor();
  await page.goto('/keys');
  await chooseInMenu(page, 'Metered', 'Edit');
  await dialog.getByLabel('Per day').fill('');
  await dialog.getByRole('button', { name: 'Save changes' }).click();
  await page
    .getByRole('status', { name: 'Messages' })
    .getByText(/Live after/)
    .waitFor();
  expect(await call()).toBe(200);
});

test('the notification of a change counts the processes that applied it until all have', async () => {
  // A faked report of three processes: two have the change at first, all at the next check.
  let asked = 0;
  let answerNow = (): void => undefined;
  const seen = new Promise<void>((resolve) => (answerNow = resolve));
  await page.route('**/graphql', async (route) => {
    const body = route.request().postData() ?? '';
    const asks = body.includes('query Propagation(');
    if (!asks && !body.includes('mutation DisableKey(')) return route.fallback();
    const response = await route.fetch();
    const answer = (await response.json()) as { data: Record<string, { propagation?: object }> };
    if (asks) {
      asked += 1;
      await seen;
      Object.assign(answer.data['propagation']!, { nodes: 3, applied: asked < 2 ? 2 : 3 });
    } else Object.assign(answer.data['change']!.propagation!, { nodes: 3, applied: 2, milliseconds: null });
    await route.fulfill({ response, json: answer });
  });
  await chooseInMenu(page, 'Telemetry gateway', 'Disable');
  const messages = page.getByRole('status', { name: 'Messages' });
  await messages.getByText('Disabled on 2 of 3 processes so far.').waitFor();
  answerNow();
  await messages.getByText('Disabled on 3 of 3 processes.').waitFor();
  await eventually(async () => expect(await messages.innerText()).not.toContain('so far'));
  expect(asked).toBe(2);
});

test('a signed key is created, and the code shown with its secret works unmodified', async () => {
  await page.getByRole('button', { name: 'Create API key' }).click();
  const form = page.getByRole('dialog');
  await form.getByLabel('Name').fill('Signs');
  await form.getByRole('radio', { name: 'Signed' }).check();
  await form.getByRole('checkbox', { name: 'HTTP Message Signatures' }).uncheck();
  await form.getByRole('button', { name: 'Create key' }).click();
  await form.getByText('Choose at least one.').waitFor();
  await form.getByRole('checkbox', { name: 'HTTP Message Signatures' }).check();
  await form.getByRole('button', { name: 'Create key' }).click();
  const snippet = page.getByRole('region', { name: 'RFC 9421 snippet' });
  const code = await snippet.innerText();
  expect(code).toContain('kws_');
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', code]);
  expect(stdout).toMatch(/^200 /);
  await closeReveal(page);
  await page.getByRole('link', { name: 'Signs', exact: true }).click();
  await page.getByText('Signed: RFC 9421').waitFor();
});

test('signing out ends the session on the server', async () => {
  const cookies = await page.context().cookies();
  const session = cookies.find(({ name }) => name === 'keywright_session');
  expect(session).toMatchObject({ httpOnly: true, sameSite: 'Lax' });
  await page.getByRole('button', { name: 'User menu' }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.getByLabel('Password').waitFor();
  const cookie = `keywright_session=${session!.value}`;
  const answer = await graphql(keywright.url, '{ apiKeyCounts { total } }', {}, { cookie });
  expect(codes(answer)).toEqual(['UNAUTHENTICATED']);
});
