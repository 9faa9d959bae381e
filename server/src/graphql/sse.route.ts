import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { ExecutionResult } from 'graphql';
import { AppError } from '../core/errors.js';
import { requirePrincipal } from '../modules/access/principal.js';
import { presenterOf, type GraphQLDeps } from './deps.js';
import { openContext, parseBody } from './graphql.route.js';
import { GuardedEvents } from './guarded-events.js';
import { LiveCaller } from './live-caller.js';
import type { Subscriptions } from './subscription.js';

/** Most streams that one caller may hold open on this node. */
const MAX_STREAMS = 20;
const HEARTBEAT_MS = 12_000;

/** Writes an event; waits while the reader is behind, so that nothing piles up here. False once the reader is gone. */
async function write(response: ServerResponse, text: string): Promise<boolean> {
  if (response.destroyed || response.writableEnded) return false;
  if (response.write(text)) return true;
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  await once(response, 'drain', { signal: gone.signal }).catch(() => undefined);
  return !gone.signal.aborted;
}

/** Subscriptions as server-sent events: POST /graphql/stream, one stream each ("distinct connections" of graphql-sse). */
export function addStreamRoute(app: FastifyInstance, deps: GraphQLDeps, subscriptions: Subscriptions): void {
  const open = new Map<string, number>();
  const responses = new Set<ServerResponse>();
  app.addHook('preClose', async () => {
    for (const response of responses) response.end();
  });
  app.post('/graphql/stream', async (request, reply) => {
    reply.header('cache-control', 'no-store');
    const body = parseBody(request.body);
    const context = await openContext(deps, request, reply);
    const principal = requirePrincipal(context);
    const args = subscriptions.prepare(body, context);
    const who = principal.actor.id ?? '';
    const streams = open.get(who) ?? 0;
    if (streams >= MAX_STREAMS) {
      throw new AppError('TOO_MANY_ATTEMPTS', `At most ${MAX_STREAMS} streams may be open.`, {
        retryAfterSeconds: 10,
      });
    }
    open.set(who, streams + 1);
    const caller = new LiveCaller(principal, (p) => deps.callers.refresh(p), deps.clock);
    const present = presenterOf(deps.log, request.id, true);
    const started = await subscriptions.start(args, caller);
    const response = reply.raw;
    reply.hijack();
    responses.add(response);
    const heartbeat = setInterval(() => void response.write(':\n\n'), HEARTBEAT_MS);
    response.once('close', () => {
      clearInterval(heartbeat);
      responses.delete(response);
      const left = (open.get(who) ?? 1) - 1;
      if (left > 0) open.set(who, left);
      else open.delete(who);
      if (started instanceof GuardedEvents) void started.return();
    });
    const headers = {
      ...reply.getHeaders(),
      'content-type': 'text/event-stream; charset=utf-8',
      'x-accel-buffering': 'no',
    };
    response.writeHead(200, headers as Record<string, string>);
    response.write(':\n\n');
    const tell = (result: ExecutionResult): Promise<boolean> => {
      const shown = result.errors ? { ...result, errors: result.errors.map(present) } : result;
      return write(response, `event: next\ndata: ${JSON.stringify(shown)}\n\n`);
    };
    if (started instanceof GuardedEvents) {
      for await (const result of started) if (!(await tell(result))) break;
    } else await tell(started);
    if (!response.writableEnded) response.end('event: complete\ndata:\n\n');
  });
}
