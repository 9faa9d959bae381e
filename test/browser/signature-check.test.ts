import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser } from '../support/browser/browser.js';
import { createKey, signIn, type CreatedKey } from '../support/peers/client.js';
import { signInByApi } from '../support/browser/keys-page.js';
import { LOOKS, pageAudit } from '../support/browser/page-audit.js';
import { pictureOfFailure } from '../support/browser/picture-of-failure.js';
import { signByTimestamp, signMessage, type SignedCall } from '../support/peers/signers.js';
import { startKeywright, type Keywright } from '../support/servers/start-keywright.js';
import { watchedPage, type WatchedPage } from '../support/browser/watched-page.js';

let keywright: Keywright;
let browser: Browser;
let owner: { bearer: string };
let key: CreatedKey;

beforeAll(async () => {
  [keywright, browser] = await Promise.all([startKeywright(), launchBrowser()]);
  owner = { bearer: await signIn(keywright.url) };
  key = await createKey(keywright.url, owner, {
    name: 'Signs',
    kind: 'SIGNED',
    signatureProfiles: ['RFC9421', 'TIMESTAMP'],
  });
});
afterAll(async () => {
  await browser?.close();
  await keywright?.stop();
});

const curl = ({ path, headers }: SignedCall): string =>
  [`curl 'https://api.example.test${path}'`]
    .concat(Object.entries(headers).map(([name, value]) => `-H '${name}: ${value}'`))
    .join(' \\\n  ');

describe.each(LOOKS)('in $look', ({ options, rules }) => {
  let watched: WatchedPage;
  const { look, taken } = pageAudit(() => watched.page, rules);
  beforeAll(async () => {
    watched = await watchedPage(browser, keywright.url, options);
    await signInByApi(watched.page);
  });
  afterAll(() => watched?.close());
  pictureOfFailure(() => watched?.page);

  test('a pasted request is checked step by step, using only the keyboard', async () => {
    const { page } = watched;
    await page.goto(`/keys/${key.id}`);
    const panel = page.getByRole('region', { name: 'Check a signature' });
    const request = panel.getByLabel('Request');
    await request.focus();
    await page.keyboard.press('Tab');
    await panel.getByRole('button', { name: 'Check signature' }).press('Enter');
    await panel.getByRole('alert').getByText('Paste a request first.').waitFor();
    await look('nothing pasted');

    await request.fill('Why does this not work?');
    await panel.getByRole('button', { name: 'Check signature' }).press('Enter');
    await panel.getByRole('alert').getByText('starts neither with a request line').waitFor();

    const path = '/orders?page=2';
    await request.fill(curl(signMessage(key, path, { authority: 'api.example.test' })));
    await panel.getByRole('button', { name: 'Check signature' }).press('Enter');
    await panel.getByText('The signature is accepted.').waitFor();
    const text = await panel.getByRole('region', { name: 'string to sign' }).innerText();
    expect(text).toContain('"@query": ?page=2↵\n"@signature-params"');
    await panel.getByRole('button', { name: 'Copy string to sign' }).click();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    expect(copied).toMatch(/"@query": \?page=2\n"@signature-params": \(.*\)[^\n]*$/);
    await look('accepted');

    await request.fill(curl(signByTimestamp(key, path, { at: Date.now() })));
    expect(await panel.getByText('The signature is accepted.').count()).toBe(0);
    await panel.getByRole('button', { name: 'Check signature' }).press('Enter');
    await panel.getByText('The request is rejected: SIGNATURE_EXPIRED.').waitFor();
    const failed = panel.getByRole('listitem').filter({ hasText: 'Failed' });
    expect(await failed.innerText()).toContain('is in milliseconds');
    await look('refused');
    expect(taken()).toEqual([]);
    expect(watched.complaints).toEqual([]);
    expect(watched.foreignRequests).toEqual([]);
  });
});

test('a bearer key has no such panel', async () => {
  const watched = await watchedPage(browser, keywright.url);
  const sent = await createKey(keywright.url, owner, { name: 'Sends' });
  await signInByApi(watched.page);
  await watched.page.goto(`/keys/${sent.id}`);
  await watched.page.getByRole('heading', { name: 'Sends', level: 1 }).waitFor();
  await watched.page.getByRole('region', { name: 'Recent requests' }).waitFor();
  expect(await watched.page.getByRole('region', { name: 'Check a signature' }).count()).toBe(0);
  await watched.close();
});
