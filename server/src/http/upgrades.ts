import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { WebSocketServer } from 'ws';
import { AnswerHead } from '../modules/verification/hot-request.js';

const GOING_AWAY = 1001;
/** How long a closing handshake may take when the server stops. */
const HANDSHAKE_MS = 500;

/** Takes a WebSocket upgrade over, or refuses it. */
export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

declare module 'fastify' {
  interface FastifyInstance {
    /** Takes WebSocket upgrades at a path. */
    addSocket(path: string, handler: UpgradeHandler): void;
  }
}

/** Answers an upgrade with a refusal, and ends the connection. */
export function refuseUpgrade(socket: Duplex, { lines }: Pick<AnswerHead, 'lines'>, body = ''): void {
  socket.end(`${lines}connection: close\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
}

/** Closes every socket; those that do not answer the closing handshake are not waited for. */
export function closeSockets(sockets: WebSocketServer): void {
  for (const socket of sockets.clients) socket.close(GOING_AWAY, 'Going away');
  setTimeout(() => sockets.clients.forEach((socket) => socket.terminate()), HANDSHAKE_MS).unref();
  sockets.close();
}

/** Hands upgrades to whoever is at their path; others are refused, and all of them once the server stops. */
export function watchUpgrades(app: FastifyInstance): void {
  const handlers = new Map<string, UpgradeHandler>();
  let stopping = false;
  app.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    if (stopping) return refuseUpgrade(socket, new AnswerHead(503, {}));
    const handler = handlers.get(request.url?.split('?')[0] ?? '');
    if (handler) handler(request, socket, head);
    else refuseUpgrade(socket, new AnswerHead(404, {}));
  });
  app.decorate('addSocket', (path: string, handler: UpgradeHandler) => {
    handlers.set(path, handler);
    app.routeTable.addSocket(path);
  });
  app.addHook('preClose', async () => {
    stopping = true;
  });
}
