import type { Server, ServerResponse } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';
import type { HotRoutes } from './hot/hot-routes.js';
import { announceStop } from './when-stopping.js';

/** How long a client can use its connection once more; the answer then says that the connection closes. */
const LAST_REQUEST_MS = 300;
/** How long a partly received request can take to arrive. */
const PARTIAL_REQUEST_MS = 1_000;
/** How long pending answers can take after that. */
const GRACE_MS = 10_000;
const POLL_INTERVAL_MS = 20;

/**
 * Stops an HTTP server without losing a request. New connections are refused immediately, so that clients go elsewhere. A
 * busy client gets its answer with `Connection: close`. This side closes only idle connections and those whose partial
 * request does not complete. Long-lived connections end immediately.
 */
export class Connections {
  private readonly sockets = new Set<Socket>();
  /** Answers that are not sent yet. */
  private readonly responses = new Set<ServerResponse>();
  /** Servers besides the HTTP server that take connections for it. */
  private readonly listeners: NetServer[] = [];
  private stopped = false;

  /** @param hot Has connections that the server does not know. */
  constructor(
    private readonly server: Server,
    private readonly hot: Pick<HotRoutes, 'closeIdle' | 'isAnswering'> | undefined,
  ) {
    server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
    });
    // The handlers of upgraded sockets close them.
    server.on('upgrade', ({ socket }) => this.sockets.delete(socket as Socket));
  }

  /** Whether answers close their connection. */
  get stopping(): boolean {
    return this.stopped;
  }

  /** Also closes this server at the stop; its connections are those of the HTTP server. */
  addListener(listener: NetServer): void {
    this.listeners.push(listener);
  }

  /** Tracks a response until it is sent. */
  track(response: ServerResponse): void {
    if (this.stopped) response.shouldKeepAlive = false;
    this.responses.add(response);
    response.once('close', () => this.responses.delete(response));
  }

  /** Stops; resolves when all answers are sent or the grace period is over. `close` closes the other resources of the server. */
  async stop(close: () => Promise<void>): Promise<void> {
    this.stopped = true;
    const { server } = this;
    // The server's own close would drop idle connections that clients are about to use.
    if (server.listening) NetServer.prototype.close.call(server);
    for (const listener of this.listeners) listener.close();
    announceStop(server);
    for (const response of this.responses) if (!response.headersSent) response.shouldKeepAlive = false;
    await this.until(LAST_REQUEST_MS);
    server.closeIdleConnections();
    this.hot?.closeIdle();
    for (const socket of this.sockets) if (socket.bytesRead === 0) socket.destroy();
    await this.until(PARTIAL_REQUEST_MS);
    await this.until(GRACE_MS, () => this.closeIncomplete());
    server.closeAllConnections();
    for (const socket of this.sockets) socket.destroy();
    await close().catch((error: NodeJS.ErrnoException) => {
      // The server no longer listens.
      if (error.code !== 'ERR_SERVER_NOT_RUNNING') throw error;
    });
  }

  /** Closes connections without a complete pending request. */
  private closeIncomplete(): void {
    const busy = new Set<Socket>();
    for (const { req } of this.responses) if (req.complete) busy.add(req.socket);
    for (const socket of this.sockets) {
      if (!busy.has(socket) && !this.hot?.isAnswering(socket)) socket.destroy();
    }
  }

  private async until(milliseconds: number, poll: () => void = () => undefined): Promise<void> {
    const deadline = performance.now() + milliseconds;
    while (this.sockets.size > 0 && performance.now() < deadline) {
      poll();
      await new Promise((resolve) => setTimeout(resolve, POLL_INTERVAL_MS));
    }
  }
}
