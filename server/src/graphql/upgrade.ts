import type { FastifyInstance } from 'fastify';
import { GRAPHQL_TRANSPORT_WS_PROTOCOL, type Server } from 'graphql-ws';
import { WebSocketServer } from 'ws';
import { ID_PREFIXES, newId } from '../core/id.js';
import { Slots, type SlotBounds } from '../core/slots.js';
import { isOwnOrigin, upgradeHeaders } from '../http/origin.js';
import { keepAlive } from '../http/keep-alive.js';
import { peerReader } from '../http/peer.js';
import { closeSockets, refuseUpgrade } from '../http/upgrades.js';
import { whenStopping } from '../http/when-stopping.js';
import { AnswerHead } from '../modules/verification/hot-request.js';
import type { GraphQLDeps } from './deps.js';
import type { SocketFacts } from './socket.js';

const PATH = '/graphql';
const MAX_MESSAGE_BYTES = 256 * 1024;
/** Unauthenticated sockets per address and in total. */
const PENDING: SlotBounds = { perCaller: 100, perCustomer: Infinity, total: 1000 };
const INTERNAL_ERROR = 4500;

function serve(server: Server<SocketFacts>, facts: SocketFacts, deps: GraphQLDeps): void {
  const { socket } = facts;
  const stopWatching = keepAlive(socket);
  const closed = server.opened(
    {
      protocol: socket.protocol,
      // Resolves once the message is sent, so that a slow reader slows down only its own subscriptions.
      send: (text) =>
        new Promise((resolve) => {
          if (socket.readyState !== socket.OPEN) return resolve();
          socket.send(text, () => resolve());
        }),
      close: (code, reason) => socket.close(code, reason),
      onMessage: (handle) =>
        socket.on('message', (data) => {
          handle(String(data)).catch((error: unknown) => {
            deps.log.error({ requestId: facts.requestId, err: error }, 'socket failed');
            socket.close(INTERNAL_ERROR, 'Internal error');
          });
        }),
    },
    facts,
  );
  socket.on('error', () => socket.terminate());
  socket.once('close', (code, reason) => {
    stopWatching();
    for (const close of facts.closers) close();
    void closed(code, String(reason));
  });
}

/** Handles WebSocket upgrades at /graphql: same origin only, messages up to 256 KB. */
export function addUpgrade(app: FastifyInstance, deps: GraphQLDeps, server: Server<SocketFacts>): void {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    handleProtocols: (offered) =>
      offered.has(GRAPHQL_TRANSPORT_WS_PROTOCOL) ? GRAPHQL_TRANSPORT_WS_PROTOCOL : false,
  });
  const pending = new Slots('sockets', PENDING);
  const peerOf = peerReader(deps.trustedProxies);
  app.addSocket(PATH, (request, duplex, head) => {
    if (!isOwnOrigin(upgradeHeaders(request.headers), deps.publicUrl()))
      return refuseUpgrade(duplex, new AnswerHead(403, {}));
    const { ip } = peerOf(request.socket, request.headers['x-forwarded-for']);
    let initialized: () => void;
    try {
      initialized = pending.take({ callerId: ip ?? '', customerId: null });
    } catch {
      return refuseUpgrade(duplex, new AnswerHead(503, {}));
    }
    duplex.once('close', initialized);
    sockets.handleUpgrade(request, duplex, head, (socket) => {
      serve(
        server,
        {
          socket,
          request,
          ip,
          requestId: newId(ID_PREFIXES.request),
          initialized,
          closers: [],
        },
        deps,
      );
    });
  });
  whenStopping(app, () => closeSockets(sockets));
}
