import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { VERDICTS } from '@keywright/schema/verdicts';
import { AppError } from '../core/errors.js';
import type { RefusedVerdict } from '@keywright/schema/verdict-http';
import type { Principal } from '../modules/access/decide/principal.js';
import type { SessionService } from '../modules/sign-in/sessions/session-service.js';
import { readManagementCredential } from './credentials.js';
import type { KeyAuthenticator, KeyPresentation } from './key-authenticator.js';
import { isOwnOrigin } from './origin.js';
import type { SessionCookie } from './session-cookie.js';

const CODE_OF = { 401: 'UNAUTHENTICATED', 403: 'FORBIDDEN', 429: 'TOO_MANY_ATTEMPTS' } as const;

function errorOf(verdict: RefusedVerdict): AppError {
  const { status } = VERDICTS[verdict.code];
  return new AppError(
    status === 200 ? 'UNAUTHENTICATED' : CODE_OF[status],
    verdict.message,
    verdict.retryAfterSeconds === null ? {} : { retryAfterSeconds: verdict.retryAfterSeconds },
  );
}

/** Identifies the caller of the management API: a session or an API key. */
export class CallerReader {
  constructor(
    private readonly sessions: Pick<SessionService, 'authenticate' | 'refresh' | 'generation'>,
    private readonly keys: KeyAuthenticator,
    private readonly cookie: SessionCookie,
    private readonly publicUrl: () => string,
  ) {}

  /**
   * The caller; null if there is no credential or the cookie's session has ended. Errors: UNAUTHENTICATED for two
   * credentials or a rejected one, FORBIDDEN for a cross-site request.
   */
  async read(
    headers: IncomingHttpHeaders,
    presentation: KeyPresentation,
    rawHeaders?: IncomingMessage['rawHeaders'],
  ): Promise<Principal | null> {
    const credential = readManagementCredential(headers, this.cookie, rawHeaders);
    if (credential.kind === 'key') {
      const answer = await this.keys.authenticate(headers, presentation);
      await this.keys.safe();
      if ('verdict' in answer) throw errorOf(answer.verdict);
      return answer.principal;
    }
    // Another site must not make requests with a cookie, which browsers attach automatically, or without a credential.
    if (credential.kind !== 'bearer' && !isOwnOrigin(headers, this.publicUrl())) {
      throw new AppError('FORBIDDEN', 'This request comes from another site.');
    }
    if (credential.kind === 'none') return null;
    const principal = await this.sessions.authenticate(credential.token, presentation.ip);
    if (!principal && credential.kind === 'bearer') {
      throw new AppError('UNAUTHENTICATED', 'This session has ended or never existed. Sign in again.');
    }
    return principal;
  }

  /** Grows when this process ends sessions or changes their permissions. */
  get generation(): number {
    return this.sessions.generation;
  }

  /** The current state of the caller; null if its session has ended or its key is rejected. */
  async refresh(principal: Principal): Promise<Principal | null> {
    if (principal.sessionId === null) return this.keys.refresh(principal);
    return this.sessions.refresh(principal.sessionId, principal.ip);
  }
}
