import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { ExecutionResult } from 'graphql';
import { AppError } from '../core/errors.js';
import { whenStopping } from '../http/when-stopping.js';
import { holderOf, requirePrincipal } from '../modules/access/decide/principal.js';
import { presenterOf, type GraphQLDeps } from './deps.js';
import { COMPLETE_EVENT, EVENT_HEADERS, EventStream, nextEvent } from './event-stream.js';
import { openContext, parseBody } from './graphql.route.js';
import { GuardedEvents } from './guarded-events.js';
import { LiveCaller } from './live-caller.js';
import type { LiveCallers } from './live-callers.js';
import type { LiveSlots } from './live-slots.js';
import type { Subscriptions } from './subscription.js';

/** Rejects a stream that is pipelined after another answer: it could not start before that answer ends, which may be never. */
function requireNotPipelined(response: ServerResponse): void {
  if (response.socket) return;
  throw new AppError('BAD_USER_INPUT', 'This connection is busy with another response; use a separate one.');
}

/** Subscriptions as server-sent events: POST /graphql/stream, one stream per request ("distinct connections" of graphql-sse). */
export function addStreamRoute(
  app: FastifyInstance,
  deps: GraphQLDeps,
  subscriptions: Subscriptions,
  live: LiveCallers,
  slots: LiveSlots,
): void {
  const streams = new Set<EventStream>();
  let stopping = false;
  whenStopping(app, () => {
    stopping = true;
    for (const stream of streams) stream.cut();
  });
  app.post('/graphql/stream', async (request, reply) => {
    reply.header('cache-control', 'no-store');
    const body = parseBody(request.body);
    const context = await openContext(deps, request, reply);
    const response = reply.raw;
    if (response.destroyed) return reply.hijack();
    requireNotPipelined(response);
    const principal = requirePrincipal(context);
    const args = subscriptions.prepare(body, context);
    // No await before the listeners for 'close', which every answer that is not pipelined emits: no slot can leak.
    const holder = holderOf(principal);
    response.once('close', slots.streams.take(holder));
    response.once('close', slots.subscriptions.take(holder));
    const caller = new LiveCaller(principal, deps.callers, deps.clock);
    response.once('close', live.follow(caller));
    const started = await subscriptions.start(args, caller);
    const present = presenterOf(deps.log, request.id, true);
    const shown = (result: ExecutionResult): string =>
      nextEvent(result.errors ? { ...result, errors: result.errors.map(present) } : result);
    if (!(started instanceof GuardedEvents)) {
      return reply.headers(EVENT_HEADERS).send(shown(started) + COMPLETE_EVENT);
    }
    reply.hijack();
    const leave = (): void =>
      void started
        .return()
        .catch((err: unknown) => deps.log.warn({ err }, 'subscription ended with an error'));
    if (response.destroyed) return leave();
    const stream = new EventStream(response, reply.getHeaders() as OutgoingHttpHeaders);
    streams.add(stream);
    if (stopping) stream.cut();
    response.once('close', leave);
    try {
      for await (const result of started) if (!(await stream.write(shown(result)))) break;
    } finally {
      streams.delete(stream);
      stream.end(COMPLETE_EVENT);
    }
  });
}
