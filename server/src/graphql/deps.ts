import type { IncomingHttpHeaders } from 'node:http';
import type { GraphQLFormattedError, GraphQLSchema } from 'graphql';
import type { Logger } from 'pino';
import type { Clock } from '../core/clock.js';
import { logFailure } from '../core/failure.js';
import type { Emitter } from '../core/events.js';
import type { CallerReader } from '../http/caller.js';
import type { SessionCookie } from '../http/session-cookie.js';
import type { KnownDevices } from '../modules/sign-in/sessions/known-devices.js';
import type {
  RequestDevice,
  SessionCookies,
  SessionRequestContext,
} from '../modules/sign-in/sessions/session-context.js';
import { presentError } from './errors.js';

export interface GraphQLDeps {
  readonly schema: GraphQLSchema;
  readonly callers: CallerReader;
  readonly cookie: SessionCookie;
  readonly devices: Pick<KnownDevices, 'idFor' | 'remember'>;
  /** Emits when keys or their permissions change. */
  readonly changes: Pick<Emitter<unknown>, 'on'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly publicUrl: () => string;
  /** CIDRs of proxies whose forwarded headers are trusted. */
  readonly trustedProxies: readonly string[];
}

/** Facts of a request that do not depend on its caller. */
export interface RequestFacts {
  readonly requestId: string;
  readonly ip: string | null;
  readonly headers: IncomingHttpHeaders;
}

const NO_COOKIES: SessionCookies = { set: () => undefined, clear: () => undefined };
const UNKNOWN_DEVICE: RequestDevice = { idFor: () => null, remember: () => undefined };

/** The context of resolvers. */
export const contextOf = (
  facts: RequestFacts,
  principal: SessionRequestContext['principal'],
  cookies: SessionCookies = NO_COOKIES,
  device: RequestDevice = UNKNOWN_DEVICE,
): SessionRequestContext => ({
  principal,
  requestId: facts.requestId,
  ip: facts.ip,
  userAgent: facts.headers['user-agent'] ?? null,
  cookies,
  device,
});

/** Formats the errors of one request or connection, and logs those that an operator should know about. */
export const presenterOf =
  (log: Logger, requestId: string, signedIn: boolean) =>
  (error: unknown): GraphQLFormattedError =>
    presentError(error, {
      requestId,
      signedIn,
      log: (appError) => logFailure(log, appError, 'operation failed', { requestId }),
    });
