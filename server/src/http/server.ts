import type { Socket } from 'node:net';
import { createServer, STATUS_CODES, type RequestListener } from 'node:http';
import Fastify, { LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { withoutBasePath } from '../core/base-path.js';
import { ID_PREFIXES, newId } from '../core/id.js';
import { PROBLEM_CONTENT_TYPE } from '@keywright/schema/verdict-http';
import { logLine } from '../core/redact.js';
import type { HotProblemsDeps } from '../modules/verification/hot-problems.js';
import type { HotRoute } from '../modules/verification/hot-request.js';
import { Connections } from './connections.js';
import { answerFailures, problemFor, problemOfError, sendProblem } from './failures.js';
import { addHealthRoutes, type Readiness } from './health.route.js';
import { hotRoutes } from './hot/hot-routes.js';
import { peerReader, watchPeers } from './peer.js';
import { watchRoutes } from './route-table.js';
import { securityHeaders } from './security-headers.js';
import { UpgradeTable, watchUpgrades } from './upgrades.js';

/** Largest body of a request, in bytes. */
export const MAX_BODY_BYTES = 256 * 1024;

/** All headers of a request together; room for the 64 KB that some clients send, and refused as a key, not as a request. */
const MAX_HEADER_BYTES = 80 * 1024;
const REQUEST_TIMEOUT_MS = 30_000;
const KEEP_ALIVE_MS = 72_000;

/** What hot routes answer with beside verdicts, as every other route does. */
export type HotAnswers = Pick<HotProblemsDeps, 'headers' | 'problemFor'>;

/** What the HTTP server is made from. */
export interface HttpServerDeps {
  readonly log: Logger;
  /** Whether the public URL is https. */
  readonly secure: boolean;
  /** The path of the public URL, which a proxy may keep in front of the paths that are asked for; empty for none. */
  readonly basePath: string;
  /** CIDRs whose forwarded headers count; none: no header does. */
  readonly trustedProxies: readonly string[];
  readonly readiness: Readiness;
  /** What is answered before all else, and bare of the framework; undefined: nothing is. */
  readonly hot: ((answers: HotAnswers) => readonly HotRoute[]) | undefined;
}

/** An HTTP server that does not listen yet, and what stops it. */
export interface HttpServer {
  readonly app: FastifyInstance;
  /** Answers what is under way, and stops. */
  stop(): Promise<void>;
}

/** Answers on a socket whose request could not even be parsed. */
function refuseRaw(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const status =
    error.code === 'HPE_HEADER_OVERFLOW' ? 431 : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
  const body = JSON.stringify({
    type: 'urn:problem-type:keywright:bad-user-input',
    title: STATUS_CODES[status],
    status,
    detail: 'The request could not be read as HTTP.',
    code: 'BAD_USER_INPUT',
    requestId: newId(ID_PREFIXES.request),
  });
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: ${PROBLEM_CONTENT_TYPE}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n${body}`,
  );
}

/**
 * The HTTP server with everything that every route shares: limits, security headers, request ids, one log line for each
 * request, problems for errors, health and the pages. Routes are added by the caller before it listens.
 */
export function createHttpServer(deps: HttpServerDeps): HttpServer {
  const headers = securityHeaders(deps.secure);
  let framework: RequestListener = (_, response) => response.destroy();
  const upgrades = new UpgradeTable(deps.basePath);
  const server = createServer({
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: REQUEST_TIMEOUT_MS,
    IncomingMessage: upgrades.requestClass(),
  });
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  const stopping = (): boolean => connections.stopping;
  const peer = peerReader(deps.trustedProxies);
  const hot =
    deps.hot &&
    hotRoutes(server, {
      routes: deps.hot({
        headers,
        problemFor: (error, requestId) => problemOfError(error, requestId, deps.log),
      }),
      peer,
      basePath: deps.basePath,
      keepAliveMs: KEEP_ALIVE_MS,
      stopping,
    });
  const connections = new Connections(server, hot);
  server.on('request', (request, response) => {
    connections.note(response);
    request.url = withoutBasePath(request.url!, deps.basePath);
    // Node drops what came in one piece with an offer to upgrade; a client whose connection ends sends it again (RFC 9112, 9.3.2).
    if (request.headers.upgrade !== undefined) response.shouldKeepAlive = false;
    if (!hot?.handle(request, response)) framework(request, response);
  });
  const app = Fastify({
    serverFactory: (handler) => {
      framework = handler;
      return server;
    },
    loggerInstance: deps.log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    bodyLimit: MAX_BODY_BYTES,
    genReqId: () => newId(ID_PREFIXES.request),
    requestIdHeader: false,
    trustProxy: deps.trustedProxies.length > 0 ? [...deps.trustedProxies] : false,
    forceCloseConnections: false,
    return503OnClosing: false,
    // A member called __proto__ is plain data in metadata; nothing here merges what was parsed into other objects.
    onProtoPoisoning: 'ignore',
    onConstructorPoisoning: 'ignore',
    routerOptions: { maxParamLength: 200 },
    clientErrorHandler: refuseRaw,
    frameworkErrors: (error, request, reply) => {
      void sendProblem(reply.headers(headers), problemFor(error, request));
    },
  });
  watchRoutes(app);
  watchPeers(app, peer);
  watchUpgrades(app, upgrades);
  app.removeContentTypeParser('text/plain');
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers(headers).header('x-request-id', request.id);
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    request.log.info({
      method: request.method,
      url: logLine(request.url, 500),
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime),
      ip: request.ip,
    });
    done();
  });
  answerFailures(app);
  addHealthRoutes(app, () =>
    stopping() ? { ready: false, reason: 'This process stops.' } : deps.readiness(),
  );
  return { app, stop: () => connections.stop(() => app.close()) };
}
