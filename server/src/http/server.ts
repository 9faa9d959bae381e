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
import { peerReader, TrustedProxies, watchPeers } from './peer.js';
import { watchRoutes } from './route-table.js';
import { securityHeaders } from './security-headers.js';
import { listenOnUnixSocket } from './unix-socket.js';
import { UpgradeTable, watchUpgrades } from './upgrades.js';

/** Maximum size of a request body, in bytes. */
export const MAX_BODY_BYTES = 256 * 1024;

/** Maximum size of all headers together. Fits the 64 KB that some clients send, so that they get a verdict, not a 431. */
const MAX_HEADER_BYTES = 80 * 1024;
const REQUEST_TIMEOUT_MS = 30_000;
const KEEP_ALIVE_MS = 72_000;

/** What hot routes share with other routes. */
export type HotAnswers = Pick<HotProblemsDeps, 'headers' | 'problemFor'>;

export interface HttpServerDeps {
  readonly log: Logger;
  /** Whether the public URL is https. */
  readonly secure: boolean;
  /** The path of the public URL, which a proxy may keep as a prefix of requested paths; empty for none. */
  readonly basePath: string;
  /** CIDRs of proxies whose forwarded headers are trusted, and `unix` for those on the Unix socket; empty for none. */
  readonly trustedProxies: readonly string[];
  readonly readiness: Readiness;
  /** Routes that are answered first and without the framework; undefined for none. */
  readonly hot: ((answers: HotAnswers) => readonly HotRoute[]) | undefined;
}

/** An HTTP server that does not listen yet. */
export interface HttpServer {
  readonly app: FastifyInstance;
  /** Also takes connections from a Unix socket at this path. Error: {@link StartError}. */
  listenOnUnixSocket(path: string): Promise<void>;
  /** Answers pending requests, then stops. */
  stop(): Promise<void>;
}

/** Answers a request that could not be parsed. */
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
 * Creates the HTTP server with everything that routes share: limits, security headers, request ids, one log line per request,
 * problems for errors, and health. The caller adds routes before it listens.
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
  const proxies = new TrustedProxies(deps.trustedProxies);
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
    connections.track(response);
    request.url = withoutBasePath(request.url!, deps.basePath);
    // Node drops bytes that arrive in one chunk with an upgrade offer; a client whose connection closes sends them again (RFC 9112, 9.3.2).
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
    // Fastify passes only the address: a socket without one is the Unix socket, or is closed and gets no answer.
    trustProxy:
      deps.trustedProxies.length > 0 &&
      ((address: string | undefined) => (address === undefined ? proxies.unix : proxies.includes(address))),
    forceCloseConnections: false,
    return503OnClosing: false,
    // A field named __proto__ is plain data in metadata; parsed input is never merged into other objects.
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
    stopping() ? { ready: false, reason: 'This process is stopping.' } : deps.readiness(),
  );
  return {
    app,
    listenOnUnixSocket: async (path) => connections.addListener(await listenOnUnixSocket(server, path)),
    stop: () => connections.stop(() => app.close()),
  };
}
