import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import Provider, { type Context, type Grant } from 'oidc-provider';
import { freePort } from '../servers/free-port.js';

/** The provider's claims about a user; absent claims are not sent. */
export interface Person {
  readonly sub: string;
  readonly email?: string;
  readonly email_verified?: unknown;
  readonly name?: string;
  readonly groups?: unknown;
}

/** The provider's error description, which must never be shown. */
export const PROVIDER_TEXT = '<b>words of the provider</b>';

/** An identity provider for tests that signs everyone in without a prompt. */
export interface OidcProvider {
  readonly issuer: string;
  /** Settings that make Keywright use it. */
  readonly settings: Record<string, string>;
  /** Signs all later visitors in as this user. */
  be(person: Person): void;
  /** Rejects all later visitors with this error. */
  refuse(error: string): void;
  /** Stops responding; {@link start} reuses the port, which is not reserved. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

/** Deviations from the most common provider. */
export interface OidcProviderOptions {
  /** Puts claims into the ID token, as many providers do; otherwise they come from userinfo, as in the standard. */
  readonly claimsInIdToken?: boolean;
  readonly clientAuth?: 'client_secret_basic' | 'client_secret_post';
}

/** Starts a provider that has registered Keywright with this redirect URI. */
export async function startOidcProvider(
  redirectUri: string,
  { claimsInIdToken = false, clientAuth = 'client_secret_basic' }: OidcProviderOptions = {},
): Promise<OidcProvider> {
  const port = await freePort();
  const issuer = `http://127.0.0.1:${port}`;
  const client = { id: 'keywright', secret: randomBytes(24).toString('base64url') };
  const people = new Map<string, Person>();
  let now: Person | { readonly error: string } = { error: 'access_denied' };

  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: client.id,
        client_secret: client.secret,
        redirect_uris: [redirectUri],
        token_endpoint_auth_method: clientAuth,
      },
    ],
    clientAuthMethods: [clientAuth],
    conformIdTokenClaims: !claimsInIdToken,
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'], groups: ['groups'] },
    cookies: { keys: [randomBytes(16).toString('hex')] },
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), alg: 'RS256', use: 'sig' }] },
    pkce: { required: () => true },
    ttl: { AccessToken: 60, AuthorizationCode: 60, Grant: 60, IdToken: 60, Interaction: 60, Session: 60 },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    findAccount: (_: unknown, sub: string) => ({ accountId: sub, claims: () => people.get(sub) }),
    async loadExistingGrant({ oidc }: Context): Promise<Grant> {
      const { clientId } = oidc.client;
      const grant = new oidc.provider.Grant({ clientId, accountId: oidc.session.accountId });
      grant.addOIDCScope(oidc.params.scope);
      await grant.save();
      return grant;
    },
    renderError(context: { body: string }) {
      context.body = PROVIDER_TEXT;
    },
  });
  const answer = provider.callback();
  let server: Server | undefined;

  const result: OidcProvider = {
    issuer,
    settings: {
      OIDC_ISSUER: issuer,
      OIDC_CLIENT_ID: client.id,
      OIDC_CLIENT_SECRET: client.secret,
      OIDC_SCOPES: 'openid email profile groups',
    },
    be(person) {
      people.set(person.sub, person);
      now = person;
    },
    refuse: (error) => void (now = { error }),
    async stop() {
      if (!server?.listening) return;
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
    async start() {
      server = createServer((request, response) => {
        const done = request.url?.startsWith('/interaction/')
          ? provider.interactionFinished(
              request,
              response,
              'error' in now
                ? { ...now, error_description: PROVIDER_TEXT }
                : { login: { accountId: now.sub } },
            )
          : answer(request, response);
        done.catch(() => response.destroy());
      }).listen(port, '127.0.0.1');
      await once(server, 'listening');
    },
  };
  await result.start();
  return result;
}
