import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { SignInProblem } from '@keywright/schema/sign-in-problems';
import { logFailure, toAppError } from '../../../core/failure.js';
import type { SessionService } from '../sessions/session-service.js';
import type { ExternalSignIn } from './external-sign-in.js';
import type { IdentityProvider } from './identity-provider.js';
import { isAnswerTo, type PendingCookie } from './pending-sign-in.js';
import { DEFAULT_NEXT, safeNext } from './safe-next.js';
import { SignInRefused } from './sign-in-refused.js';

const START = '/auth/oidc/start';
const CALLBACK = '/auth/oidc/callback';

/** Reads and writes the session cookie. */
export interface SessionCookiePort {
  read(header: string | undefined): string | undefined;
  write(token: string, expiresAt: Date): string;
}

export interface OidcDeps {
  readonly provider: IdentityProvider;
  readonly signIn: ExternalSignIn;
  readonly sessions: Pick<SessionService, 'authenticate'>;
  readonly cookie: SessionCookiePort;
  readonly pendingCookie: PendingCookie;
  /** Known after the server has started to listen. */
  readonly publicUrl: () => string;
  /** The path of the public URL; empty if there is none. */
  readonly basePath: string;
}

/** The problem code for an error; unexpected errors are logged with their cause. */
function problemOf(error: unknown, request: FastifyRequest): SignInProblem {
  if (error instanceof SignInRefused) {
    if (error.note !== undefined) request.log.warn(error.note);
    return error.code;
  }
  const failure = toAppError(error);
  logFailure(request.log, failure, 'single sign-on failed');
  return failure.code === 'UNAVAILABLE' ? 'unavailable' : 'failed';
}

/** Redirects to the sign-in page, which words the problem; passes on nothing from the provider. */
function turnBack(
  { basePath }: OidcDeps,
  reply: FastifyReply,
  problem: SignInProblem,
  next: string,
): FastifyReply {
  const query = new URLSearchParams({ problem, ...(next === DEFAULT_NEXT ? {} : { next }) });
  return reply.redirect(`${basePath}/sign-in?${query.toString()}`, 303);
}

async function start(deps: OidcDeps, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const next = safeNext((request.query as { next?: unknown }).next);
  try {
    const { url, pending } = await deps.provider.start(deps.publicUrl() + CALLBACK);
    reply.header('set-cookie', deps.pendingCookie.write({ ...pending, next }));
    return reply.redirect(url.href, 303);
  } catch (error) {
    return turnBack(deps, reply, problemOf(error, request), next);
  }
}

async function callback(deps: OidcDeps, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { cookie } = request.headers;
  const pending = deps.pendingCookie.read(cookie);
  reply.header('set-cookie', deps.pendingCookie.clear());
  try {
    const answer = new URL(deps.publicUrl() + CALLBACK);
    answer.search = request.url.slice(request.url.indexOf('?') + 1 || request.url.length);
    if (!pending || !isAnswerTo(pending, answer.searchParams.get('state')))
      throw new SignInRefused('expired');
    const identity = await deps.provider.finish(answer, pending);
    const { ip, id: requestId } = request;
    const former = deps.cookie.read(cookie);
    const principal = former === undefined ? null : await deps.sessions.authenticate(former, ip);
    const userAgent = request.headers['user-agent'] ?? null;
    const session = await deps.signIn.signIn(identity, { principal, requestId, ip, userAgent });
    reply.header('set-cookie', deps.cookie.write(session.token, session.expiresAt));
    return reply.redirect(deps.basePath + pending.next, 303);
  } catch (error) {
    return turnBack(deps, reply, problemOf(error, request), pending?.next ?? DEFAULT_NEXT);
  }
}

/**
 * `GET /auth/oidc/start?next=…` redirects to the identity provider; `GET /auth/oidc/callback` signs in when the browser
 * returns.
 */
export function registerOidcRoutes(app: FastifyInstance, deps: OidcDeps): void {
  // HEAD must not consume a sign-in, and the callback URL contains the code, so requests are not logged.
  const options = { exposeHeadRoute: false, logLevel: 'warn' } as const;
  app.get(START, options, (request, reply) =>
    start(deps, request, reply.header('cache-control', 'no-store')),
  );
  app.get(CALLBACK, options, (request, reply) =>
    callback(deps, request, reply.header('cache-control', 'no-store')),
  );
}
