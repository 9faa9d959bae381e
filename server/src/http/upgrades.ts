import { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { WebSocketServer } from 'ws';
import { withoutBasePath } from '../core/base-path.js';
import { whenStopping } from './when-stopping.js';
import { AnswerHead } from '../modules/verification/hot-request.js';

const GOING_AWAY = 1001;
/** How long a closing handshake can take when the server stops. */
const HANDSHAKE_TIMEOUT_MS = 500;

/** Accepts or rejects a WebSocket upgrade. */
export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

declare module 'fastify' {
  interface FastifyInstance {
    /** Registers the handler for WebSocket upgrades at a path. */
    addSocket(path: string, handler: UpgradeHandler): void;
  }
}

/** Rejects an upgrade and closes the connection. */
export function refuseUpgrade(socket: Duplex, { lines }: Pick<AnswerHead, 'lines'>, body = ''): void {
  socket.end(`${lines}connection: close\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
}

/** Closes all sockets; terminates those that do not answer the closing handshake in time. */
export function closeSockets(sockets: WebSocketServer): void {
  for (const socket of sockets.clients) socket.close(GOING_AWAY, 'Going away');
  setTimeout(() => sockets.clients.forEach((socket) => socket.terminate()), HANDSHAKE_TIMEOUT_MS).unref();
  sockets.close();
}

const WEBSOCKET = /(?:^|,)\s*websocket\s*(?:,|$)/i;

/** Handlers of WebSocket upgrades, by path. */
export class UpgradeTable {
  private readonly handlers = new Map<string, UpgradeHandler>();

  /** @param basePath Prefix to strip from paths; empty for none. */
  constructor(readonly basePath = '') {}

  add(path: string, handler: UpgradeHandler): void {
    this.handlers.set(path, handler);
  }

  /** The handler for the upgrade that a request offers; undefined for none, and the offer is ignored (RFC 9110, section 7.8). */
  handlerOf({ method, url, headers }: IncomingMessage): UpgradeHandler | undefined {
    if (method !== 'GET' || !WEBSOCKET.test(headers.upgrade ?? '')) return undefined;
    return this.handlers.get(withoutBasePath(url!, this.basePath).split('?', 1)[0]!);
  }

  /**
   * The class of the server's requests. Node treats every request that offers an upgrade as one; here only offers with a
   * handler count. The others are ordinary requests, answered in HTTP/1.1: Java's HttpClient and `curl --http2` offer `h2c`
   * with each request.
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

/** Passes upgrades to their handlers; rejects all of them once the server is stopping. */
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
