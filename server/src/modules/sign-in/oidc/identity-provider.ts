import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  ClientSecretBasic,
  ClientSecretPost,
  Configuration,
  discovery,
  enableNonRepudiationChecks,
  fetchUserInfo,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client';
import type { OidcSettings } from '../../../config/config.js';
import type { Clock } from '../../../core/clock.js';
import { identityOf, isComplete, type Claims, type Identity } from './identity.js';
import type { PendingSignIn } from './pending-sign-in.js';
import { refusalOf } from './provider-fault.js';
import { SignInRefused } from './sign-in-refused.js';

/** How long the provider's metadata is cached, in milliseconds. */
const METADATA_TTL_MS = 600_000;
const TIMEOUT_SECONDS = 10;
/** Maximum number of concurrent callbacks: anyone can send one, and each makes a request to the provider. */
const MAX_CONCURRENT = 32;

/** A sign-in to be continued on the provider's page. */
export interface StartedSignIn {
  readonly url: URL;
  readonly pending: Omit<PendingSignIn, 'next'>;
}

/** The identity provider: OpenID Connect Core 1.0, authorization code flow with PKCE (RFC 7636). Errors: SignInRefused. */
export class IdentityProvider {
  private known: { readonly configuration: Promise<Configuration>; readonly readAt: number } | undefined;
  private running = 0;

  constructor(
    private readonly settings: OidcSettings,
    private readonly clock: Clock,
  ) {}

  /** The URL to redirect the browser to, and the state to keep until its return. */
  async start(redirectUri: string): Promise<StartedSignIn> {
    const configuration = await this.configuration();
    const [state, nonce, codeVerifier] = [randomState(), randomNonce(), randomPKCECodeVerifier()];
    const url = buildAuthorizationUrl(configuration, {
      redirect_uri: redirectUri,
      scope: this.settings.scopes,
      state,
      nonce,
      code_challenge: await calculatePKCECodeChallenge(codeVerifier),
      code_challenge_method: 'S256',
    });
    return { url, pending: { state, nonce, codeVerifier } };
  }

  /** Exchanges the authorization code. `answer` is the redirect URI with the provider's parameters. */
  async finish(answer: URL, pending: PendingSignIn): Promise<Identity> {
    if (this.running >= MAX_CONCURRENT) throw new SignInRefused('provider_unavailable');
    this.running += 1;
    try {
      return await this.exchange(await this.configuration(), answer, pending);
    } catch (error) {
      throw refusalOf(error);
    } finally {
      this.running -= 1;
    }
  }

  private async exchange(
    configuration: Configuration,
    answer: URL,
    pending: PendingSignIn,
  ): Promise<Identity> {
    const tokens = await authorizationCodeGrant(configuration, answer, {
      expectedState: pending.state,
      expectedNonce: pending.nonce,
      pkceCodeVerifier: pending.codeVerifier,
      idTokenExpected: true,
    });
    const idToken: Claims = { ...tokens.claims() };
    const { groupsClaim } = this.settings;
    const asks = !isComplete(idToken, groupsClaim) && configuration.serverMetadata().userinfo_endpoint;
    const userInfo = asks
      ? await fetchUserInfo(configuration, tokens.access_token, String(idToken['sub']))
      : {};
    return identityOf(idToken, userInfo, groupsClaim);
  }

  /** The provider's metadata; fetched on first use, and again after a failure or ten minutes. */
  private configuration(): Promise<Configuration> {
    const now = this.clock.now();
    if (this.known && Math.abs(now - this.known.readAt) < METADATA_TTL_MS) return this.known.configuration;
    const known = { configuration: this.discover(), readAt: now };
    this.known = known;
    known.configuration.catch(() => {
      if (this.known === known) this.known = undefined;
    });
    return known.configuration;
  }

  private async discover(): Promise<Configuration> {
    const { issuer, clientId, clientSecret } = this.settings;
    try {
      return await discovery(
        issuer,
        clientId,
        { client_secret: clientSecret },
        (server, ...rest) => {
          // A provider that lists no methods supports Basic (OpenID Connect Discovery 1.0, section 3).
          const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
          const basic = methods.includes('client_secret_basic');
          return (basic ? ClientSecretBasic : ClientSecretPost)(clientSecret)(server, ...rest);
        },
        {
          timeout: TIMEOUT_SECONDS,
          execute: [
            enableNonRepudiationChecks,
            // The settings allow http only for loopback addresses.
            ...(issuer.protocol === 'http:' ? [allowInsecureRequests] : []),
          ],
        },
      );
    } catch (error) {
      throw refusalOf(error);
    }
  }
}
