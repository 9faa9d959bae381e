import { problemOfVerdict } from '@keywright/schema/verdict-http';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import {
  LOCAL_CLOSED,
  LOCAL_MESSAGE_BYTES,
  LOCAL_PATH,
  LOCAL_PROTOCOL,
} from '@keywright/schema/local-protocol';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { WebSocketServer, type WebSocket } from 'ws';
import { AppError } from '../../core/errors.js';
import { ID_PREFIXES, newId } from '../../core/id.js';
import { Slots, type SlotBounds } from '../../core/slots.js';
import { NEEDED, type LocalCaller } from '../../modules/local-verifiers/local-connection.js';
import type { LocalVerifiers } from '../../modules/local-verifiers/local-verifiers.js';
import type { CallerGate } from '../../modules/verification/caller-gate.js';
import { HotProblems } from '../../modules/verification/hot-problems.js';
import { readHotHeaders, type HotExchange } from '../../modules/verification/hot-request.js';
import { verdictHeaders } from '../../modules/verification/refusal.js';
import type { VerificationService } from '../../modules/verification/verification-service.js';
import { problemOfError } from '../failures.js';
import { keepAlive } from '../keep-alive.js';
import { peerReader } from '../peer.js';
import { securityHeaders } from '../security-headers.js';
import { closeSockets, refuseUpgrade } from '../upgrades.js';
import { whenStopping } from '../when-stopping.js';

/** A gateway can run many processes with one key; most connections remain for others. */
const CONNECTIONS: SlotBounds = { perCaller: 500, perCustomer: 500, total: 2000 };
/** Unread bytes after which a client is dropped. */
const MAX_UNREAD_BYTES = 8 * 1024 * 1024;

export interface LocalUpgradeDeps {
  readonly verifiers: LocalVerifiers;
  readonly gate: Pick<CallerGate, 'admit'>;
  readonly service: Pick<VerificationService, 'whenSafe'>;
  readonly trustedProxies: readonly string[];
  /** Whether the public URL is https. */
  readonly secure: boolean;
  readonly log: Logger;
}

function serve(socket: WebSocket, caller: LocalCaller, verifiers: LocalVerifiers): void {
  const stopWatching = keepAlive(socket);
  const connection = verifiers.open(caller, {
    send: (message) => {
      if (socket.readyState !== socket.OPEN) return;
      if (socket.bufferedAmount > MAX_UNREAD_BYTES) return socket.terminate();
      socket.send(JSON.stringify(message));
    },
    close: (code, reason) => socket.close(code, reason),
  });
  socket.on('message', (data, isBinary) => {
    if (isBinary) socket.close(LOCAL_CLOSED.BAD_MESSAGE, 'Messages must be text');
    else connection.take(String(data));
  });
  socket.on('error', () => socket.terminate());
  socket.once('close', () => {
    stopWatching();
    verifiers.close(connection);
  });
}

/** Handles WebSocket upgrades of local verifiers, which authenticate as for `POST /v1/verify`. */
export function addLocalUpgrade(app: FastifyInstance, deps: LocalUpgradeDeps): void {
  const { gate, service, verifiers, log } = deps;
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: LOCAL_MESSAGE_BYTES,
    handleProtocols: (offered) => offered.has(LOCAL_PROTOCOL) && LOCAL_PROTOCOL,
  });
  const slots = new Slots('connections of local verifiers', CONNECTIONS);
  const peerOf = peerReader(deps.trustedProxies);

  const problems = new HotProblems({
    service,
    headers: securityHeaders(deps.secure),
    problemFor: (error, requestId) => problemOfError(error, requestId, log),
  });
  const exchangeOf = (socket: Duplex): Pick<HotExchange, 'reply'> => ({
    reply: ({ lines }, requestId, body) =>
      refuseUpgrade(socket, { lines: `${lines}x-request-id: ${requestId}\r\n` }, body),
  });

  const take = async (
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    requestId: string,
  ): Promise<void> => {
    const { ip } = peerOf(request.socket, request.headers['x-forwarded-for']);
    const { credentials, userAgent } = readHotHeaders(request.rawHeaders);
    const caller = await gate.admit({
      requestId,
      method: request.method!,
      path: request.url!,
      userAgent,
      ip,
      credentials,
      permissions: NEEDED,
      known: null,
    });
    if ('verdict' in caller) {
      const { verdict } = caller;
      return problems.send(exchangeOf(socket), problemOfVerdict(verdict, requestId), verdictHeaders(verdict));
    }
    const protocols = request.headers['sec-websocket-protocol']?.split(',').map((name) => name.trim());
    if (!protocols?.includes(LOCAL_PROTOCOL)) {
      throw new AppError('BAD_USER_INPUT', `Request the WebSocket subprotocol ${LOCAL_PROTOCOL}.`);
    }
    const { key } = caller.proof;
    // The socket closed during authentication: nothing would release its slot.
    if (socket.destroyed) return;
    socket.once('close', slots.take({ callerId: key.id, customerId: key.rights.customerId }));
    service.whenSafe(() =>
      sockets.handleUpgrade(request, socket, head, (opened) =>
        serve(opened, { proof: caller.proof, ip }, verifiers),
      ),
    );
  };

  app.addSocket(LOCAL_PATH, (request, socket, head) => {
    const requestId = newId(ID_PREFIXES.request);
    void take(request, socket, head, requestId).catch((error: unknown) =>
      problems.refuse(exchangeOf(socket), error, requestId),
    );
  });
  whenStopping(app, () => closeSockets(sockets));
}
