import { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { WebSocketServer } from 'ws';
import { withoutBasePath } from '../core/base-path.js';
import { whenStopping } from './when-stopping.js';
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

const WEBSOCKET = /(?:^|,)\s*websocket\s*(?:,|$)/i;

/** Who takes WebSockets, by path. */
export class UpgradeTable {
  private readonly handlers = new Map<string, UpgradeHandler>();

  /** @param basePath Taken away in front of paths; empty for none. */
  constructor(readonly basePath = '') {}

  add(path: string, handler: UpgradeHandler): void {
    this.handlers.set(path, handler);
  }

  /** Who takes the upgrade that a request offers; undefined when nobody does, and the offer is ignored (RFC 9110, section 7.8). */
  handlerOf({ method, url, headers }: IncomingMessage): UpgradeHandler | undefined {
    if (method !== 'GET' || !WEBSOCKET.test(headers.upgrade ?? '')) return undefined;
    return this.handlers.get(withoutBasePath(url!, this.basePath).split('?', 1)[0]!);
  }

  /**
   * The class of the server's requests. Node asks a request whether it is an upgrade before it hands it on, and takes whatever
   * client offers one for such; here only those are that somebody takes. The others are requests like any other, to be answered
   * by HTTP/1.1: Java's HttpClient and `curl --http2` offer `h2c` with each.
   */
  requestClass(): typeof IncomingMessage {
    const handlerOf = (request: IncomingMessage): unknown => this.handlerOf(request);
    return class extends IncomingMessage {
      private offered = false;

      get upgrade(): boolean {
        return this.offered && (this.method === 'CONNECT' || handlerOf(this) !== undefined);
      }

      set upgrade(offered: boolean) {
        this.offered = offered;
      }
    };
  }
}

/** Hands upgrades to who takes them; all of them are refused once the server stops. */
export function watchUpgrades(app: FastifyInstance, upgrades: UpgradeTable): void {
  let stopping = false;
  app.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    const handler = upgrades.handlerOf(request);
    if (stopping || !handler) return refuseUpgrade(socket, new AnswerHead(503, {}));
    request.url = withoutBasePath(request.url!, upgrades.basePath);
    handler(request, socket, head);
  });
  app.decorate('addSocket', (path: string, handler: UpgradeHandler) => {
    upgrades.add(path, handler);
    app.routeTable.addSocket(path);
  });
  whenStopping(app, () => {
    stopping = true;
  });
}
