import type { IncomingMessage } from 'node:http';
import { makeServer } from 'graphql-ws';
import type { Server, ServerOptions } from 'graphql-ws';
import type { ExecutionArgs } from 'graphql';
import type { WebSocket } from 'ws';
import { AppError } from '../core/errors.js';
import { holderOf } from '../modules/access/decide/principal.js';
import { upgradeHeaders } from '../http/origin.js';
import { contextOf, presenterOf, type GraphQLDeps } from './deps.js';
import { asGraphQLError, GuardedEvents } from './guarded-events.js';
import { LiveCaller } from './live-caller.js';
import type { LiveCallers } from './live-callers.js';
import type { LiveSlots } from './live-slots.js';
import type { Subscriptions } from './subscription.js';

/** Maximum subscriptions on one socket. */
const MAX_SUBSCRIPTIONS = 20;
const INIT_TIMEOUT_MS = 3000;
/** WebSocket close code for a reached limit (registry of RFC 6455). */
const TRY_AGAIN_LATER = 1013;
/** Close code of graphql-transport-ws for a caller that is no longer authorized. */
const UNAUTHORIZED = 4401;
/** Unread bytes after which a client is dropped. */
const MAX_BUFFERED_BYTES = 1024 * 1024;

/** State of one socket. */
export interface SocketFacts {
  readonly socket: WebSocket;
  readonly request: IncomingMessage;
  readonly ip: string | null;
  readonly requestId: string;
  caller?: LiveCaller;
  /** Called once the caller is known. */
  readonly initialized: () => void;
  /** Called once the socket has closed. */
  readonly closers: (() => void)[];
}

const textOf = (
  params: Readonly<Record<string, unknown>> | undefined,
  ...names: string[]
): string | undefined => {
  const values = names.map((name) => params?.[name]).filter((value) => value !== undefined);
  if (values.length > 1 || values.some((value) => typeof value !== 'string')) {
    throw new AppError('UNAUTHENTICATED', 'Send one credential, as a string.');
  }
  return values[0] as string | undefined;
};

/** The headers of the upgrade, plus the credential from `connection_init` as a header. */
function headersOf(
  request: IncomingMessage,
  params: Readonly<Record<string, unknown>> | undefined,
): IncomingMessage['headers'] {
  const authorization = textOf(params, 'authorization', 'Authorization');
  const key = textOf(params, 'apiKey', 'x-api-key', 'X-API-KEY');
  return {
    ...upgradeHeaders(request.headers),
    ...(authorization === undefined ? {} : { authorization }),
    ...(key === undefined ? {} : { 'x-api-key': key }),
  };
}

/** Subscriptions over WebSocket (graphql-transport-ws), only after `connection_init` and for known callers. */
export function createSocketServer(
  deps: GraphQLDeps,
  subscriptions: Subscriptions,
  live: LiveCallers,
  slots: LiveSlots,
): Server<SocketFacts> {
  const callers = new WeakMap<object, LiveCaller>();
  const presenter = (facts: SocketFacts): ReturnType<typeof presenterOf> =>
    presenterOf(deps.log, facts.requestId, true);
  const options: ServerOptions<Record<string, unknown>, SocketFacts> = {
    connectionInitWaitTimeout: INIT_TIMEOUT_MS,
    onConnect: async ({ extra, connectionParams }) => {
      try {
        const headers = headersOf(extra.request, connectionParams);
        const userAgent = headers['user-agent'] ?? null;
        const presentation = { ip: extra.ip, method: 'GET', path: '/graphql', userAgent };
        const principal = await deps.callers.read(headers, presentation);
        // A closed socket has already released its slots, so it must not take new ones.
        if (!principal || extra.socket.readyState !== extra.socket.OPEN) return false;
        extra.closers.push(slots.sockets.take(holderOf(principal)));
        extra.initialized();
        extra.caller = new LiveCaller(principal, deps.callers, deps.clock);
        extra.closers.push(
          live.follow(extra.caller),
          // After the subscriptions have sent the reason for their end.
          extra.caller.onEnd(() => setImmediate(() => extra.socket.close(UNAUTHORIZED, 'Unauthorized'))),
        );
        return true;
      } catch (error) {
        if (error instanceof AppError && ['TOO_MANY_ATTEMPTS', 'UNAVAILABLE'].includes(error.code)) {
          extra.socket.close(TRY_AGAIN_LATER, error.message);
          return false;
        }
        if (error instanceof AppError && error.status < 500) return false;
        throw error;
      }
    },
    onSubscribe: ({ extra, subscriptions: open }, _id, payload) => {
      try {
        if (Object.keys(open).length > MAX_SUBSCRIPTIONS) {
          throw new AppError(
            'QUERY_TOO_COMPLEX',
            `A socket can carry at most ${MAX_SUBSCRIPTIONS} subscriptions.`,
          );
        }
        const caller = extra.caller!;
        const facts = { requestId: extra.requestId, ip: extra.ip, headers: extra.request.headers };
        const context = contextOf(facts, caller.principal);
        callers.set(context, caller);
        return subscriptions.prepare(payload, context);
      } catch (error) {
        return [asGraphQLError(error)];
      }
    },
    subscribe: async (args: ExecutionArgs) => {
      const caller = callers.get(args.contextValue as object)!;
      try {
        const release = slots.subscriptions.take(holderOf(caller.principal));
        const started = await subscriptions.start(args, caller, release);
        if (!(started instanceof GuardedEvents)) release();
        return started;
      } catch (error) {
        return { errors: [asGraphQLError(error)] };
      }
    },
    onNext: ({ extra }, _id, _payload, _args, result) => {
      if (extra.socket.bufferedAmount > MAX_BUFFERED_BYTES) extra.socket.terminate();
      return result.errors ? { ...result, errors: result.errors.map(presenter(extra)) } : undefined;
    },
    onError: ({ extra }, _id, _payload, errors) => errors.map(presenter(extra)),
  };
  return makeServer(options);
}
