import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createKey, signIn, verify } from '../support/peers/client.js';
import { CookieJar } from '../support/peers/cookie-jar.js';
import { eventually } from '../support/eventually.js';
import { freePort } from '../support/servers/free-port.js';
import { graphql, request } from '../support/peers/graphql.js';
import { startOidcProvider, type OidcProvider } from '../support/peers/oidc-provider.js';
import { spawnServer } from '../support/servers/server-process.js';
import { NONCES_KNOWN_AFTER_MS, signMessage } from '../support/peers/signers.js';
import { callbackOf, viewerOf } from '../support/servers/single-sign-on.js';
import {
  OWNER,
  startKeywright,
  temporaryDirectory,
  type Keywright,
} from '../support/servers/start-keywright.js';
import { subscribe } from '../support/peers/subscribe.js';

let keywright: Keywright;
let provider: OidcProvider;
let origin: string;
let bearer: string;

beforeAll(async () => {
  const PORT = String(await freePort());
  origin = `http://127.0.0.1:${PORT}`;
  provider = await startOidcProvider(callbackOf(`${origin}/tools/kw`));
  keywright = await startKeywright({
    env: {
      ...provider.settings,
      PORT,
      PUBLIC_URL: `${origin}/tools/kw/`,
      KEYWRIGHT_TRUSTED_PROXIES: '127.0.0.1/32',
    },
  });
  bearer = await signIn(origin);
}, 60_000);
afterAll(async () => {
  await keywright?.stop();
  await provider?.stop();
});

/** A proxy keeps or strips the path prefix; direct calls to the process never have it. */
const bases = (): string[] => [`${origin}/tools/kw`, origin];

test('a public URL with a path is shown without a trailing slash', async () => {
  expect(keywright.url).toBe(`${origin}/tools/kw`);
  const query = '{ installation { publicUrl } }';
  for (const base of bases()) {
    expect(await request(base, query)).toEqual({ installation: { publicUrl: `${origin}/tools/kw` } });
  }
});

test('pages and assets are served with and without the path, and link to the path', async () => {
  const pages: string[] = [];
  for (const path of ['/tools/kw', '/tools/kw/', '/tools/kw/keys/key_1?a=b', '/', '/keys/key_1']) {
    const response = await fetch(origin + path);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    pages.push(await response.text());
  }
  expect(new Set(pages).size).toBe(1);
  const files = [...pages[0]!.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file]) => file!);
  expect(files.length).toBeGreaterThan(3);
  for (const file of files) {
    expect(file).toMatch(/^\/tools\/kw\//);
    expect((await fetch(origin + file)).status, file).toBe(200);
    expect((await fetch(origin + file.slice('/tools/kw'.length))).status, file).toBe(200);
  }
  for (const path of ['/tools/kw/v1/nothing', '/tools/kw/assets/nothing.js', '/v1/nothing']) {
    expect((await fetch(origin + path)).status, path).toBe(404);
  }
  expect((await fetch(`${origin}/tools/kw/v1/verify`)).headers.get('allow')).toBe('POST');
});

test('verification, events and the sample API work with and without the path', async () => {
  const verifier = await createKey(origin, { bearer }, { permissions: ['keywright.verify'] });
  const key = await createKey(origin, { bearer }, { name: 'Reached', permissions: ['ticket.read'] });
  for (const base of bases()) {
    expect((await verify(base, verifier.secret, { key: key.secret })).body, base).toMatchObject({
      code: 'VALID',
    });
    const asked = await fetch(`${base}/v1/authorize/permission=ticket.read/production`, {
      headers: {
        'x-api-key': key.secret,
        'x-original-method': 'GET',
        'x-original-uri': '/tickets',
        'x-forwarded-for': '203.0.113.9',
      },
    });
    expect(asked.status, await asked.text()).toBe(204);
    const headers = { 'x-api-key': key.secret };
    expect((await fetch(`${base}/sandbox/production/ping`, { headers })).status, base).toBe(200);
    const query = 'subscription ($id: ID!) { apiKeyChanged(ids: [$id]) { action } }';
    const events = await subscribe<{ apiKeyChanged: unknown }>(base, query, { id: key.id }, { bearer });
    await request(
      base,
      'mutation ($input: UpdateApiKeyInput!) { updateApiKey(input: $input) { apiKey { id } } }',
      { input: { id: key.id, name: `Reached at ${base}` } },
      { bearer },
    );
    expect((await events.next()).apiKeyChanged, base).toEqual({ action: 'api_key.updated' });
    await events.close();
    const stream = await fetch(`${base}/graphql/stream`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${bearer}` },
      body: JSON.stringify({ query, variables: { id: key.id } }),
    });
    expect(stream.headers.get('content-type'), base).toContain('text/event-stream');
    await stream.body!.cancel();
  }
});

test('the sample API checks signatures against the public URL', async () => {
  const { createApiKey } = await request<{
    createApiKey: { apiKey: { id: string }; secret: { secret: string; apiUrl: string } };
  }>(
    origin,
    `mutation { createApiKey(input: { name: "Signs", kind: SIGNED, permissions: ["*"], signatureProfiles: [RFC9421] }) {
      apiKey { id } secret { secret apiUrl } } }`,
    {},
    { bearer },
  );
  const { apiUrl, secret } = createApiKey.secret;
  expect(apiUrl).toBe(`${origin}/tools/kw/sandbox/production`);
  await new Promise((resolve) => setTimeout(resolve, NONCES_KNOWN_AFTER_MS));
  for (const base of bases()) {
    const { host, pathname } = new URL(`${apiUrl}/ping`);
    const signed = signMessage({ id: createApiKey.apiKey.id, secret }, pathname, { authority: host });
    const response = await fetch(`${base}/sandbox/production/ping`, { headers: signed.headers });
    expect(response.status, await response.text()).toBe(200);
  }
});

test('links in e-mails include the path', async () => {
  const { inviteUser } = await request<{ inviteUser: { passwordLink: { url: string } } }>(
    origin,
    'mutation { inviteUser(email: "ida@example.test", grants: []) { passwordLink { url } } }',
    {},
    { bearer },
  );
  expect(inviteUser.passwordLink.url).toMatch(new RegExp(`^${origin}/tools/kw/choose-password#token=`));
});

test('cookies are limited to the path, also under https', async () => {
  const SIGN_IN =
    'mutation ($email: String!, $password: String!) { signIn(email: $email, password: $password) { challenge } }';
  const response = await graphql(`${origin}/tools/kw`, SIGN_IN, { ...OWNER });
  for (const cookie of response.headers.getSetCookie()) {
    expect(cookie).toMatch(/^keywright_\w+_tools_kw=[^;]+; [^;]+; Path=\/tools\/kw; HttpOnly; SameSite=Lax$/);
  }
  const dataDir = await temporaryDirectory();
  const PORT = String(await freePort());
  const settings = { ...keywright.settings, KEYWRIGHT_DATA_DIR: dataDir, PORT };
  const server = spawnServer({ ...settings, PUBLIC_URL: 'https://keys.example.test/tools/kw' });
  const base = `http://127.0.0.1:${PORT}`;
  try {
    await eventually(() => fetch(`${base}/livez`), 25_000);
    const secured = await graphql(`${base}/tools/kw`, SIGN_IN, { ...OWNER });
    const cookies = secured.headers.getSetCookie();
    expect(cookies.length).toBeGreaterThan(0);
    for (const cookie of cookies) {
      expect(cookie).toMatch(
        /^__Secure-keywright_\w+_tools_kw=[^;]+; [^;]+; Path=\/tools\/kw; HttpOnly; SameSite=Lax; Secure$/,
      );
    }
    const session = cookies.find((cookie) => cookie.includes('session'))!.split(';')[0]!;
    const viewer = '{ viewer { user { email } } }';
    expect((await graphql(base, viewer, {}, { cookie: session })).errors).toEqual([]);
  } finally {
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
});

test('a path that Keywright uses itself is rejected at start', async () => {
  const server = spawnServer({ ...keywright.settings, PORT: '0', PUBLIC_URL: 'https://example.test/v1/' });
  expect(await server.ended).toMatchObject({ code: 1 });
  expect(server.stderr() + server.stdout()).toContain('PUBLIC_URL must not have a path that starts with /v1');
});

// The owner has no password from here.
test('single sign-on returns to the path', async () => {
  provider.be({ sub: 'owner', email: OWNER.email, email_verified: true });
  const jar = new CookieJar();
  const base = `${origin}/tools/kw`;
  const callback = await jar.followUntil(`${base}/auth/oidc/start?next=/docs`, callbackOf(base));
  expect([...jar.of(base).keys()]).toEqual(['keywright_oidc_tools_kw']);
  // The proxy strips the path prefix.
  const response = await jar.get(callback.replace('/tools/kw', ''));
  expect(response.headers.get('location')).toBe('/tools/kw/docs');
  expect((await viewerOf(origin, jar)).user.email).toBe(OWNER.email);
  const spent = await jar.get(callback);
  expect(spent.headers.get('location')).toBe('/tools/kw/sign-in?problem=expired');
});
