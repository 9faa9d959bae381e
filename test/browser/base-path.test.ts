import { readFile } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { launchBrowser } from '../support/browser/browser.js';
import { createKey, signIn, type CreatedKey } from '../support/peers/client.js';
import { INSTALL_TIMEOUT_MS } from '../support/servers/debian.js';
import { freePort } from '../support/servers/free-port.js';
import { request } from '../support/peers/graphql.js';
import { signInOnPage } from '../support/browser/keys-page.js';
import { startPathProxy } from '../support/peers/path-proxy.js';
import type { Peer } from '../support/servers/peer.js';
import { pictureOfFailure } from '../support/browser/picture-of-failure.js';
import { OWNER, startKeywright, type Keywright } from '../support/servers/start-keywright.js';
import { watchedPage, type WatchedPage } from '../support/browser/watched-page.js';

const RENAME =
  'mutation ($id: ID!, $name: String!) { updateApiKey(input: { id: $id, name: $name }) { apiKey { id } } }';

describe.each([
  { proxy: 'keeps the path', stripped: false, slash: '' },
  { proxy: 'takes the path away', stripped: true, slash: '/' },
])('behind an nginx at /kw/ that $proxy,', ({ stripped, slash }) => {
  let nginx: Peer;
  let keywright: Keywright;
  let browser: Browser;
  let watched: WatchedPage;
  let page: Page;
  let key: CreatedKey;
  let bearer: string;
  let asked: string[];

  beforeAll(async () => {
    const port = await freePort();
    nginx = await startPathProxy(`http://127.0.0.1:${port}`, stripped);
    const env = {
      PORT: String(port),
      PUBLIC_URL: `http://127.0.0.1:${nginx.port}/kw${slash}`,
      KEYWRIGHT_TRUSTED_PROXIES: '127.0.0.1/32',
    };
    [keywright, browser] = await Promise.all([startKeywright({ env }), launchBrowser()]);
    bearer = await signIn(keywright.url);
    key = await createKey(keywright.url, { bearer }, { name: 'Below a path' });
  }, INSTALL_TIMEOUT_MS);
  afterAll(async () => {
    await browser?.close();
    await keywright?.stop();
    await nginx?.stop();
  });
  beforeEach(async () => {
    // Pages in this test use URLs with the base path.
    watched = await watchedPage(browser, `${keywright.url}/`);
    page = watched.page;
    asked = [];
    page.on('request', (sent) => asked.push(sent.url()));
    page.on('websocket', (socket) => asked.push(socket.url()));
  });
  afterEach(async () => {
    const { host } = new URL(keywright.url);
    const elsewhere = asked.filter((url) => /^(?:http|ws)/.test(url) && !url.includes(`${host}/kw/`));
    await watched.close();
    expect(elsewhere).toEqual([]);
    expect(watched.complaints).toEqual([]);
  });
  pictureOfFailure(() => page);

  const signInBelow = async (): Promise<void> => {
    const goto = page.goto.bind(page);
    page.goto = (url, options) => goto(url.replace(/^\//, ''), options);
    await signInOnPage(page);
  };

  test('people sign in, open and reload pages, see changes live, and download', async () => {
    await signInBelow();
    expect(new URL(page.url()).pathname).toBe('/kw/keys');
    const cookies = await page.context().cookies(`${keywright.url}/`);
    expect(cookies.map(({ path }) => path)).toEqual(cookies.map(() => '/kw'));
    expect(await page.context().cookies(new URL(keywright.url).origin)).toEqual([]);

    await page.getByRole('link', { name: key.name, exact: true }).click();
    await page.getByRole('heading', { name: key.name, level: 1 }).waitFor();
    expect(new URL(page.url()).pathname).toBe(`/kw/keys/${key.id}`);
    await page.reload();
    await page.getByRole('heading', { name: key.name, level: 1 }).waitFor();

    // The new name arrives over the WebSocket.
    await request(keywright.url, RENAME, { id: key.id, name: 'Renamed below a path' }, { bearer });
    await page.getByRole('heading', { name: 'Renamed below a path', level: 1 }).waitFor();
    expect(asked.filter((url) => url.startsWith('ws:')).length).toBeGreaterThan(0);

    await page.getByRole('navigation').getByRole('link', { name: 'API keys' }).first().click();
    await page.getByRole('checkbox', { name: /select .*renamed below a path/i }).check();
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Export CSV' }).click(),
    ]);
    expect(await readFile(await file.path(), 'utf8')).toContain('Renamed below a path');
  });

  test('a signed-out person returns to the requested page after signing in', async () => {
    await page.goto('docs');
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(new URL(page.url()).pathname + new URL(page.url()).search).toBe('/kw/sign-in?next=/docs');
    await page.getByLabel('E-mail').fill(OWNER.email);
    await page.getByLabel('Password').fill(OWNER.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'API documentation' }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/kw/docs');
    const { host } = new URL(keywright.url);
    const text = await page.locator('article').innerText();
    expect(text).toContain(`http://${host}/kw/v1/verify`);
    await page.getByRole('tab', { name: 'Envoy' }).click();
    await page.getByText('path_prefix: /kw/v1/authorize/gateway=envoy/production').waitFor();
  });

  test('the address without a trailing slash works too', async () => {
    await page.goto(keywright.url);
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/kw/sign-in');
    // nginx redirects /kw to /kw/.
    asked = asked.filter((url) => url !== keywright.url);
  });
});
