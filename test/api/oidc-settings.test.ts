import { afterEach, describe, expect, test } from 'vitest';
import { signIn } from '../support/peers/client.js';
import { CookieJar } from '../support/peers/cookie-jar.js';
import { eventually } from '../support/eventually.js';
import { freePort } from '../support/servers/free-port.js';
import { codes, graphql, request } from '../support/peers/graphql.js';
import { startOidcProvider } from '../support/peers/oidc-provider.js';
import { spawnServer } from '../support/servers/server-process.js';
import {
  callbackOf,
  expectProblem,
  signInThere,
  startSingleSignOn,
  toCallback,
  viewerOf,
  type SingleSignOn,
} from '../support/servers/single-sign-on.js';
import { OWNER, startKeywright } from '../support/servers/start-keywright.js';

const INSTALLATION = '{ installation { localSignIn singleSignOn setupRequired } }';
const reader = (sub: string) => ({ sub, email: `${sub}@example.test`, groups: ['readers'] });

let sso: SingleSignOn | undefined;
afterEach(async () => {
  await sso?.stop();
  sso = undefined;
});

// Each test starts one or two servers.
describe('a provider', { timeout: 60_000 }, () => {
  test('that is down does not prevent a start, and is found when it is back', async () => {
    sso = await startSingleSignOn({ down: true });
    const { url, provider } = sso;
    provider.be(reader('ida'));
    await signIn(url);
    const start = `${url}/auth/oidc/start?next=/docs`;
    expectProblem(await new CookieJar().get(start), 'provider_unavailable');
    await provider.start();
    expect((await signInThere(url)).headers.get('location')).toBe('/docs');

    const jar = new CookieJar();
    const callback = await toCallback(url, jar);
    await provider.stop();
    expectProblem(await jar.get(callback), 'provider_unavailable');
    await provider.start();
    expect((await signInThere(url, jar)).headers.get('location')).toBe('/docs');
  });

  test('that rejects the client secret is reported in the log only', async () => {
    sso = await startSingleSignOn({ env: { OIDC_CLIENT_SECRET: 'not the secret' } });
    const { url, provider, keywright } = sso;
    provider.be(reader('ida'));
    expectProblem(await signInThere(url), 'failed');
    await eventually(() =>
      expect(keywright.process.stdout()).toContain('The identity provider: rejected with 401 invalid_client'),
    );
    expect(keywright.process.stdout()).not.toContain('not the secret');
  });

  test('with an unexpected issuer is not trusted', async () => {
    sso = await startSingleSignOn({ issuerHost: 'localhost' });
    sso.provider.be(reader('ida'));
    const start = await new CookieJar().get(`${sso.url}/auth/oidc/start?next=/docs`);
    expectProblem(start, 'failed');
  });

  test('can put its claims into the ID token, and accept the secret in the body', async () => {
    sso = await startSingleSignOn({ claimsInIdToken: true, clientAuth: 'client_secret_post' });
    const { url, provider } = sso;
    provider.be({ ...reader('jo'), email_verified: true, name: 'Jo', groups: ['writers'] });
    const jar = new CookieJar();
    await signInThere(url, jar);
    expect((await viewerOf(url, jar)).permissions).toEqual(['keywright.keys.read', 'keywright.keys.write']);
  });

  test('can create the first owner, but no lesser user', async () => {
    sso = await startSingleSignOn({ env: { KEYWRIGHT_ADMIN_EMAIL: '', KEYWRIGHT_ADMIN_PASSWORD: '' } });
    const { url, provider } = sso;
    provider.be(reader('kim'));
    expectProblem(await signInThere(url), 'setup_required');
    expect(await request(url, INSTALLATION)).toMatchObject({ installation: { setupRequired: true } });
    provider.be({ ...reader('lea'), groups: ['everything'] });
    const jar = new CookieJar();
    await signInThere(url, jar);
    expect((await viewerOf(url, jar)).permissions).toEqual(['*']);
    expect(await request(url, INSTALLATION)).toMatchObject({ installation: { setupRequired: false } });
    provider.be(reader('kim'));
    expect((await signInThere(url)).headers.get('location')).toBe('/docs');
  });

  test('can be the only way to sign in', async () => {
    sso = await startSingleSignOn({ env: { KEYWRIGHT_LOCAL_SIGN_IN: 'off' } });
    const { url, provider } = sso;
    const password = await graphql(
      url,
      'mutation ($email: String!, $password: String!) { signIn(email: $email, password: $password) { challenge } }',
      OWNER,
    );
    expect(codes(password)).toEqual(['FORBIDDEN']);
    expect(password.errors[0]!.message).toMatch(/passwords are not accepted/i);
    expect(password.headers.getSetCookie()).toEqual([]);
    provider.be({ sub: 'owner', email: OWNER.email, email_verified: true });
    const jar = new CookieJar();
    await signInThere(url, jar);
    expect((await viewerOf(url, jar)).user.email).toBe(OWNER.email);
    expect(await request(url, INSTALLATION)).toMatchObject({
      installation: { localSignIn: false, singleSignOn: new URL(provider.issuer).host },
    });
  });
});

describe('an installation', { timeout: 60_000 }, () => {
  test('without a provider has neither label nor routes', async () => {
    const plain = await startKeywright();
    expect(await request(plain.url, INSTALLATION)).toMatchObject({
      installation: { localSignIn: true, singleSignOn: null },
    });
    for (const path of ['start', 'callback']) {
      const response = await fetch(`${plain.url}/auth/oidc/${path}`, { redirect: 'manual' });
      expect(response.status).toBe(404);
    }
    await plain.stop();
  });

  test('under https binds its cookies to the host, and shows the label of its provider', async () => {
    const publicUrl = 'https://keys.example.test';
    const provider = await startOidcProvider(callbackOf(publicUrl));
    const plain = await startKeywright();
    await plain.process.stop();
    const PORT = String(await freePort());
    const server = spawnServer({
      ...plain.settings,
      ...provider.settings,
      PORT,
      PUBLIC_URL: publicUrl,
      OIDC_LABEL: 'Test ID',
    });
    const base = `http://127.0.0.1:${PORT}`;
    try {
      await eventually(() => fetch(`${base}/livez`), 25_000);
      expect(await request(base, INSTALLATION)).toMatchObject({ installation: { singleSignOn: 'Test ID' } });
      provider.be({ sub: 'owner', email: OWNER.email, email_verified: true });
      const jar = new CookieJar();
      const callback = await jar.followUntil(`${base}/auth/oidc/start`, callbackOf(publicUrl));
      expect([...jar.of(base).keys()]).toEqual(['__Host-keywright_oidc']);
      const response = await jar.get(callback.replace(publicUrl, base));
      expect(response.headers.get('location')).toBe('/keys');
      const [gone, session] = response.headers.getSetCookie();
      expect(gone).toMatch(/^__Host-keywright_oidc=; Max-Age=0; Path=\/; HttpOnly; SameSite=Lax; Secure$/);
      expect(session).toMatch(/^__Host-keywright_session=[^;]+; .*HttpOnly; SameSite=Lax; Secure$/);
    } finally {
      await server.stop();
      await plain.stop();
      await provider.stop();
    }
  });
});
