import { expect } from 'vitest';
import { CookieJar } from '../peers/cookie-jar.js';
import { freePort } from './free-port.js';
import { request } from '../peers/graphql.js';
import { startOidcProvider, type OidcProvider, type OidcProviderOptions } from '../peers/oidc-provider.js';
import { startKeywright, type Keywright } from './start-keywright.js';

/** The scope Acme, a customer. */
export const CUSTOMER = 'scp_01h455vb4pex5vsknk084sn02q';

/** Roles by group; `lost` names a role that does not exist. */
const GROUP_ROLES = {
  readers: { role: 'test reader' },
  writers: [{ role: 'Test Writer', scope: CUSTOMER }, { role: 'Test Reader' }],
  lost: [{ role: 'Nobody made this one' }, { role: 'Test Reader', scope: 'scp_01h455vb4pex5vsknk084sn02z' }],
  everything: { role: 'Owner' },
};

/** A Keywright with an identity provider. */
export interface SingleSignOn {
  readonly keywright: Keywright;
  readonly provider: OidcProvider;
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts both; `down` starts Keywright while the provider is unreachable, `issuerHost` gives it another host name. */
export async function startSingleSignOn({
  env = {},
  down = false,
  issuerHost,
  ...options
}: {
  env?: Record<string, string>;
  down?: boolean;
  issuerHost?: string;
} & OidcProviderOptions = {}): Promise<SingleSignOn> {
  const port = String(await freePort());
  const url = `http://127.0.0.1:${port}`;
  const provider = await startOidcProvider(callbackOf(url), options);
  if (down) await provider.stop();
  const issuer: Record<string, string> = issuerHost
    ? { OIDC_ISSUER: provider.issuer.replace('127.0.0.1', issuerHost) }
    : {};
  const groups = { OIDC_GROUP_ROLES: JSON.stringify(GROUP_ROLES) };
  const keywright = await startKeywright({
    env: { ...provider.settings, ...issuer, ...groups, PORT: port, ...env },
  });
  await keywright.database.query(
    `insert into role (id, name, permissions) values
       ('rol_01h455vb4pex5vsknk084sn02q', 'Test Reader', '{keywright.keys.read}'),
       ('rol_01h455vb4pex5vsknk084sn02r', 'Test Writer', '{keywright.keys.write}')`,
  );
  await keywright.database.query(
    `insert into scope (id, kind, name, name_folded, email, email_folded, joined_on, parent_id)
     select '${CUSTOMER}', 'CUSTOMER', 'Acme', 'acme', 'acme@example.test', 'acme@example.test', current_date, id
     from scope where kind = 'ROOT'`,
  );
  return {
    keywright,
    provider,
    url,
    async stop() {
      await keywright.stop();
      await provider.stop();
    },
  };
}

/** The provider's redirect back to Keywright. */
export const callbackOf = (url: string): string => `${url}/auth/oidc/callback`;

/** Follows sign-in up to the callback URL that the provider redirects to. */
export const toCallback = (url: string, jar: CookieJar, next = '/docs'): Promise<string> =>
  jar.followUntil(`${url}/auth/oidc/start?next=${encodeURIComponent(next)}`, callbackOf(url));

/** Completes sign-in; returns the response to the callback. */
export async function signInThere(url: string, jar = new CookieJar(), next?: string): Promise<Response> {
  return jar.get(await toCallback(url, jar, next));
}

/** Expects that nobody was signed in, and that only a problem code and a redirect came back. */
export function expectProblem(response: Response, problem: string, next: string | null = '/docs'): void {
  const way = next === null ? '' : `&next=${encodeURIComponent(next)}`;
  expect(response.headers.get('location')).toBe(`/sign-in?problem=${problem}${way}`);
  expect(response.status).toBe(303);
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(response.headers.getSetCookie().filter((cookie) => cookie.includes('session='))).toEqual([]);
}

/** The signed-in user. */
export interface SignedInViewer {
  readonly user: { readonly id: string; readonly email: string; readonly name: string };
  readonly permissions: string[];
}

/** The user signed in in this browser. */
export async function viewerOf(url: string, jar: CookieJar): Promise<SignedInViewer> {
  const query = '{ viewer { user { id email name } permissions } }';
  const cookie = jar.header(url);
  return (await request<{ viewer: SignedInViewer }>(url, query, {}, { cookie })).viewer;
}
