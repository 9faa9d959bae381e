import type { IncomingHttpHeaders } from 'node:http';
import type { GraphQLFormattedError, GraphQLSchema } from 'graphql';
import type { Logger } from 'pino';
import type { Clock } from '../core/clock.js';
import { logFailure } from '../core/failure.js';
import type { Emitter } from '../core/events.js';
import type { CallerReader } from '../http/caller.js';
import type { SessionCookie } from '../http/session-cookie.js';
import type { KnownDevices } from '../modules/sessions/known-devices.js';
import type {
  RequestDevice,
  SessionCookies,
  SessionRequestContext,
} from '../modules/sessions/session-context.js';
import { presentError } from './errors.js';

/** What GraphQL is hosted with. */
export interface GraphQLDeps {
  readonly schema: GraphQLSchema;
  readonly callers: CallerReader;
  readonly cookie: SessionCookie;
  readonly devices: Pick<KnownDevices, 'idFor' | 'remember'>;
  /** Emits when keys, or what they may do, have changed. */
  readonly changes: Pick<Emitter<unknown>, 'on'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly publicUrl: () => string;
  /** CIDRs whose forwarded headers count. */
  readonly trustedProxies: readonly string[];
}

/** What is known of a request before its caller. */
export interface RequestFacts {
  readonly requestId: string;
  readonly ip: string | null;
  readonly headers: IncomingHttpHeaders;
}

const NO_COOKIES: SessionCookies = { set: () => undefined, clear: () => undefined };
const UNKNOWN_DEVICE: RequestDevice = { idFor: () => null, remember: () => undefined };

/** What resolvers get. */
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

/** Shapes errors for one request or connection; what an operator should hear of is logged. */
export const presenterOf =
  (log: Logger, requestId: string, signedIn: boolean) =>
  (error: unknown): GraphQLFormattedError =>
    presentError(error, {
      requestId,
      signedIn,
      log: (told) => logFailure(log, told, 'operation failed', { requestId }),
    });
