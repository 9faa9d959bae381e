import { HeaderMap, type ApolloServer } from '@apollo/server';
import type { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteShorthandOptions } from 'fastify';
import { GraphQLError } from 'graphql';
import { AppError } from '../core/errors.js';
import { toAppError } from '../core/failure.js';
import { problemOf } from '../core/problem.js';
import { Turns } from '../core/turns.js';
import { isClientFault } from '../http/failures.js';
import { holderOf } from '../modules/access/decide/principal.js';
import type { SessionRequestContext } from '../modules/sign-in/sessions/session-context.js';
import { limitBody, MAX_LARGE_BODY_BYTES } from './body-limit.js';
import { contextOf, presenterOf, type GraphQLDeps } from './deps.js';
import { LIMITS, type CheckedDocument, type DocumentLimits } from './limits.js';

/** Body of a GraphQL request over HTTP. */
export interface GraphQLBody {
  readonly query: string;
  readonly variables?: Record<string, unknown> | null;
  readonly operationName?: string | null;
}

/** Concurrent cost per caller: one of the largest operations or many small ones; the UI stays far below. */
const TURNS = { perCaller: LIMITS.cost, perCustomer: 3 * LIMITS.cost, waiting: 32, waitMs: 5000 } as const;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Checks the shape of a request. Error: BAD_USER_INPUT, also for several requests in one body. */
export function parseBody(body: unknown): GraphQLBody {
  if (Array.isArray(body))
    throw new AppError('BAD_USER_INPUT', 'Send one operation per request; lists are not accepted.');
  if (!isObject(body) || typeof body['query'] !== 'string') {
    throw new AppError('BAD_USER_INPUT', 'Send a JSON object with the operation in "query".');
  }
  for (const name of ['variables', 'extensions']) {
    if (body[name] != null && !isObject(body[name]))
      throw new AppError('BAD_USER_INPUT', `"${name}" must be a JSON object.`);
  }
  if (body['operationName'] != null && typeof body['operationName'] !== 'string') {
    throw new AppError('BAD_USER_INPUT', '"operationName" must be a string.');
  }
  return body as unknown as GraphQLBody;
}

function requireAllowed(checked: CheckedDocument, context: SessionRequestContext): void {
  if (checked.operation === 'subscription') {
    throw new AppError('BAD_USER_INPUT', 'Subscriptions run over WebSocket, or by POST to /graphql/stream.');
  }
  if (checked.introspects && !context.principal) {
    throw new AppError('UNAUTHENTICATED', 'Sign in to read the schema.');
  }
}

/** The context of a request: its caller and access to its session cookie. */
export async function openContext(
  deps: GraphQLDeps,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<SessionRequestContext> {
  const { headers, id: requestId, ip } = request;
  const facts = { requestId, ip, headers };
  const presentation = {
    ip,
    method: request.method,
    path: '/graphql',
    userAgent: headers['user-agent'] ?? null,
  };
  const principal = await deps.callers.read(headers, presentation, request.raw.rawHeaders);
  const setCookie = (cookie: string): void => void reply.header('set-cookie', cookie);
  return contextOf(
    facts,
    principal,
    {
      set: (token, expiresAt) => setCookie(deps.cookie.write(token, expiresAt)),
      clear: () => setCookie(deps.cookie.clear()),
    },
    {
      idFor: (email) => deps.devices.idFor(headers.cookie, email),
      remember: (email) => setCookie(deps.devices.remember(headers.cookie, email)),
    },
  );
}

/** The framework's status for a body that it could not read. */
const statusOf = (error: unknown): number | undefined =>
  isClientFault(error) ? (error as { statusCode: number }).statusCode : undefined;

function appErrorOf(error: unknown, request: FastifyRequest): AppError {
  if (error instanceof GraphQLError) return new AppError('BAD_USER_INPUT', error.message);
  return isClientFault(error)
    ? new AppError('BAD_USER_INPUT', problemOf(error, request.id).detail)
    : toAppError(error);
}

/** Answers errors that occur before an operation runs in the format of GraphQL. */
export function answerGraphQLErrors(app: FastifyInstance, deps: GraphQLDeps): void {
  app.setErrorHandler((error, request, reply) => {
    const appError = appErrorOf(error, request);
    if (appError.retryAfterSeconds !== undefined) {
      reply.header('retry-after', String(appError.retryAfterSeconds));
    }
    const status = statusOf(error) ?? appError.status;
    const shown = presenterOf(deps.log, request.id, false)(appError);
    return reply
      .code(status)
      .type('application/json; charset=utf-8')
      .send({ errors: [shown] });
  });
}

/** Waits for the turn of an operation; the resolved function ends the turn. Error: TOO_MANY_ATTEMPTS. */
async function takeTurn(
  turns: Turns,
  { principal }: SessionRequestContext,
  cost: number,
  { raw }: FastifyReply,
): Promise<() => void> {
  // Callers who are not signed in cannot run large operations.
  if (!principal) return () => undefined;
  const gone = new AbortController();
  const leave = (): void => gone.abort();
  raw.once('close', leave);
  if (raw.destroyed) leave();
  try {
    return await turns.take(holderOf(principal), cost, gone.signal);
  } finally {
    raw.off('close', leave);
  }
}

/** Queries and mutations: POST /graphql. */
export function addGraphQLRoute(
  app: FastifyInstance,
  deps: GraphQLDeps,
  limits: DocumentLimits,
  apollo: ApolloServer<SessionRequestContext>,
): void {
  const turns = new Turns(TURNS);
  const contexts = new WeakMap<FastifyRequest, Promise<SessionRequestContext>>();
  const contextFor = (request: FastifyRequest, reply: FastifyReply): Promise<SessionRequestContext> => {
    const known = contexts.get(request);
    if (known) return known;
    const opened = openContext(deps, request, reply);
    contexts.set(request, opened);
    return opened;
  };
  const options: RouteShorthandOptions = {
    bodyLimit: MAX_LARGE_BODY_BYTES,
    preParsing: (request, reply, payload) => limitBody(request, reply, payload as Readable, contextFor),
  };
  app.post('/graphql', options, async (request, reply) => {
    reply.header('cache-control', 'no-store');
    const body = parseBody(request.body);
    const context = await contextFor(request, reply);
    const checked = limits.check(body.query);
    requireAllowed(checked, context);
    const headers = new HeaderMap([['content-type', 'application/json']]);
    if (request.headers.accept) headers.set('accept', request.headers.accept);
    const endTurn = await takeTurn(turns, context, checked.cost, reply);
    const answer = await apollo
      .executeHTTPGraphQLRequest({
        httpGraphQLRequest: { method: 'POST', headers, search: '', body },
        context: async () => context,
      })
      .finally(endTurn);
    const status = answer.status ?? 200;
    // Invalid operations end with another status.
    if (status === 200) checked.cache();
    for (const [name, value] of answer.headers) reply.header(name, value);
    reply.code(status);
    return reply.send(answer.body.kind === 'complete' ? answer.body.string : '');
  });
}
