import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import Provider, { type Context, type Grant } from 'oidc-provider';
import { freePort } from './free-port.js';

/** What the provider says of a person; claims that are absent are not told. */
export interface Person {
  readonly sub: string;
  readonly email?: string;
  readonly email_verified?: unknown;
  readonly name?: string;
  readonly groups?: unknown;
}

/** A text that the provider says when it refuses; nobody should get to see it. */
export const PROVIDER_TEXT = '<b>words of the provider</b>';

/** An identity provider of the test's own; whoever comes is signed in without a question. */
export interface OidcProvider {
  readonly issuer: string;
  /** Settings that make Keywright use it. */
  readonly settings: Record<string, string>;
  /** Everybody who comes from now on is this person. */
  be(person: Person): void;
  /** Everybody who comes from now on is refused with this error. */
  refuse(error: string): void;
  /** Stops answering, on a port that stays reserved for {@link start} by nothing but luck. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

/** How a provider differs from the most common one. */
export interface OidcProviderOptions {
  /** Claims stand in the ID token, as with many providers; else they come from userinfo, as the standard has it. */
  readonly claimsInIdToken?: boolean;
  readonly clientAuth?: 'client_secret_basic' | 'client_secret_post';
}

/** Starts a provider that knows Keywright by this redirect URI. */
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
