import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CookieJar } from '../support/peers/cookie-jar.js';
import { PROVIDER_TEXT } from '../support/peers/oidc-provider.js';
import {
  callbackOf,
  expectProblem,
  signInThere,
  startSingleSignOn,
  toCallback,
  type SingleSignOn,
} from '../support/servers/single-sign-on.js';

let sso: SingleSignOn;
beforeAll(async () => {
  sso = await startSingleSignOn();
});
afterAll(() => sso.stop());

/** Decrypts the cookie of a pending sign-in with the master key, changes it and encrypts it again. */
async function tamper(jar: CookieJar, change: Record<string, unknown>): Promise<void> {
  const master = Buffer.from(
    await readFile(sso.keywright.settings['KEYWRIGHT_MASTER_KEY_FILE']!, 'utf8'),
    'base64',
  );
  const key = Buffer.from(hkdfSync('sha256', master, Buffer.alloc(0), 'keywright single sign-on box 1', 32));
  const aad = Buffer.from('15:pending sign-in');
  const sealed = Buffer.from(jar.of(sso.url).get('keywright_oidc')!, 'base64url');
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(1, 13)).setAAD(aad);
  decipher.setAuthTag(sealed.subarray(-16));
  const text = Buffer.concat([decipher.update(sealed.subarray(13, -16)), decipher.final()]).toString();
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(aad);
  const changed = JSON.stringify({ ...(JSON.parse(text) as object), ...change });
  const again = Buffer.concat([
    sealed.subarray(0, 1),
    iv,
    cipher.update(changed),
    cipher.final(),
    cipher.getAuthTag(),
  ]);
  jar.of(sso.url).set('keywright_oidc', again.toString('base64url'));
}

describe('an answer of the provider', () => {
  beforeAll(() => sso.provider.be({ sub: 'gil', email: 'gil@example.test', groups: ['readers'] }));

  test('to another sign-in is rejected', async () => {
    const [mine, other] = [new CookieJar(), new CookieJar()];
    await toCallback(sso.url, mine);
    const callback = await toCallback(sso.url, other);
    expectProblem(await mine.get(callback), 'expired');
    // The stored state is deleted on first use, even a failed one.
    expect(mine.of(sso.url).size).toBe(0);
  });

  test.each([
    ['without its state', (url: URL) => url.searchParams.delete('state')],
    ['with an empty state', (url: URL) => url.searchParams.set('state', '')],
    ['with nothing', (url: URL) => void (url.search = '')],
    ['with a broken query', (url: URL) => void (url.search = '?state=%zz&%=%&state')],
  ])('%s is rejected', async (_, change) => {
    const jar = new CookieJar();
    const callback = new URL(await toCallback(sso.url, jar));
    change(callback);
    expectProblem(await jar.get(callback.href), 'expired');
  });

  test.each([
    ['an unknown code', (url: URL) => url.searchParams.set('code', 'no such code'), 'expired'],
    ['two codes', (url: URL) => url.searchParams.append('code', 'another'), 'failed'],
    ['no code', (url: URL) => url.searchParams.delete('code'), 'failed'],
    ['another issuer', (url: URL) => url.searchParams.set('iss', 'https://evil.test'), 'failed'],
    ['no issuer, from one that sends it', (url: URL) => url.searchParams.delete('iss'), 'failed'],
  ] as const)('with %s is rejected', async (_, change, problem) => {
    const jar = new CookieJar();
    const callback = new URL(await toCallback(sso.url, jar));
    change(callback);
    expectProblem(await jar.get(callback.href), problem);
  });

  test('in a browser that did not ask for it is rejected', async () => {
    const callback = await toCallback(sso.url, new CookieJar());
    expectProblem(await new CookieJar().get(callback), 'expired', null);
  });

  test('with a nonce of another sign-in is rejected', async () => {
    const jar = new CookieJar();
    const callback = await toCallback(sso.url, jar);
    await tamper(jar, { nonce: randomBytes(32).toString('base64url') });
    expectProblem(await jar.get(callback), 'failed');

    const there = await jar.get(`${sso.url}/auth/oidc/start?next=/docs`);
    const asked = new URL(there.headers.get('location')!);
    expect(Object.fromEntries(asked.searchParams)).toMatchObject({
      response_type: 'code',
      code_challenge_method: 'S256',
      code_challenge: expect.stringMatching(/^[\w-]{43}$/) as string,
      state: expect.stringMatching(/^[\w-]{43}$/) as string,
    });
    asked.searchParams.set('nonce', 'chosen-by-somebody-else');
    expectProblem(await jar.get(await jar.followUntil(asked.href, callbackOf(sso.url))), 'failed');
  });

  test('without the verifier of its code is rejected', async () => {
    const jar = new CookieJar();
    const callback = await toCallback(sso.url, jar);
    await tamper(jar, { codeVerifier: randomBytes(32).toString('base64url') });
    expectProblem(await jar.get(callback), 'expired');
  });

  test('with a changed, doubled or truncated cookie is rejected', async () => {
    for (const change of [
      (value: string) => `${value.slice(0, 50)}${value[50] === 'A' ? 'B' : 'A'}${value.slice(51)}`,
      (value: string) => `${value}; keywright_oidc=${value}`,
      (value: string) => value.slice(0, 30),
      () => '',
    ]) {
      const jar = new CookieJar();
      const callback = await toCallback(sso.url, jar);
      const cookies = jar.of(sso.url);
      cookies.set('keywright_oidc', change(cookies.get('keywright_oidc')!));
      expectProblem(await jar.get(callback), 'expired', null);
    }
  });

  test('after ten minutes is rejected', async () => {
    const jar = new CookieJar();
    const callback = await toCallback(sso.url, jar);
    await tamper(jar, { expiresAt: Date.now() - 1 });
    expectProblem(await jar.get(callback), 'expired', null);
    const again = new CookieJar();
    const other = await toCallback(sso.url, again);
    await tamper(again, { expiresAt: Date.now() + 60_000 });
    expect((await again.get(other)).headers.get('location')).toBe('/docs');
  });

  test('counts once, even with a copy of the cookie', async () => {
    const jar = new CookieJar();
    const callback = await toCallback(sso.url, jar);
    const kept = jar.of(sso.url).get('keywright_oidc')!;
    expect((await jar.get(callback)).headers.get('location')).toBe('/docs');
    expectProblem(await jar.get(callback), 'expired', null);
    const thief = new CookieJar();
    thief.of(sso.url).set('keywright_oidc', kept);
    expectProblem(await thief.get(callback), 'expired');
  });

  test('is not consumed by a HEAD request', async () => {
    const jar = new CookieJar();
    const callback = await toCallback(sso.url, jar);
    const head = await fetch(callback, { method: 'HEAD', headers: { cookie: jar.header(callback) } });
    expect(head.status).toBe(405);
    expect((await jar.get(callback)).headers.get('location')).toBe('/docs');
  });

  test.each([
    ['access_denied', 'denied'],
    ['login_required', 'failed'],
    ['temporarily_unavailable', 'provider_unavailable'],
    ['server_error', 'provider_unavailable'],
  ])('that says %s redirects back without its text', async (error, problem) => {
    sso.provider.refuse(error);
    const jar = new CookieJar();
    const callback = await toCallback(sso.url, jar);
    expect(new URL(callback).searchParams.get('error_description')).toBe(PROVIDER_TEXT);
    expectProblem(await jar.get(callback), problem);
    sso.provider.be({ sub: 'gil', email: 'gil@example.test', groups: ['readers'] });
  });
});

describe('the return path', () => {
  beforeAll(() => sso.provider.be({ sub: 'hal', email: 'hal@example.test', groups: ['readers'] }));

  test.each([
    'https://evil.test/',
    '//evil.test',
    '/\\evil.test',
    '/\t/evil.test',
    '/.//evil.test',
    '/a/..//evil.test/',
    '/keys\r\nSet-Cookie: keywright_session=x',
    '/sign-in?next=/docs',
    '/auth/oidc/start',
    'javascript:alert(1)',
    '',
  ])('never leaves this site: %j', async (next) => {
    const response = await signInThere(sso.url, new CookieJar(), next);
    expect(response.status).toBe(303);
    expect(response.headers.get('location')).toBe('/keys');
    expect(response.headers.getSetCookie()).toHaveLength(2);
  });

  test('is the keys page if it is too long for a cookie', async () => {
    const response = await signInThere(sso.url, new CookieJar(), `/${'a'.repeat(5000)}`);
    expect(response.headers.get('location')).toBe('/keys');
  });

  test('can contain any text that a path can', async () => {
    const response = await signInThere(sso.url, new CookieJar(), '/keys?search=ключ ☃&a=%2F');
    expect(response.headers.get('location')).toBe('/keys?search=%D0%BA%D0%BB%D1%8E%D1%87%20%E2%98%83&a=%2F');
  });

  test('is the keys page for two return paths, or none', async () => {
    for (const query of ['', '?next=/docs&next=//evil.test']) {
      const jar = new CookieJar();
      const start = `${sso.url}/auth/oidc/start${query}`;
      const end = await jar.get(await jar.followUntil(start, callbackOf(sso.url)));
      expect(end.headers.get('location')).toBe('/keys');
    }
  });
});
