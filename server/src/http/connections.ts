import type { Server, ServerResponse } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';
import type { HotRoutes } from './hot/hot-routes.js';
import { announceStop } from './when-stopping.js';

/** How long a client has to use its connection once more, and be told with the answer that it ends. */
const LAST_REQUEST_MS = 300;
/** How long a request may take to arrive that was begun before. */
const HALF_REQUEST_MS = 1_000;
/** How long answers that are under way may still take after that. */
const GRACE_MS = 10_000;
const LOOK_EVERY_MS = 20;

/**
 * Stops an HTTP server so that no request is lost: new connections are refused at once, so that clients go elsewhere; a
 * client that is busy gets its answer, and with it the word that the connection ends; only connections on which nothing
 * happens, or on which half a request has come and no more comes, are closed from this side. What is open for long ends at once.
 */
export class Connections {
  private readonly sockets = new Set<Socket>();
  /** Answers that are not out yet. */
  private readonly responses = new Set<ServerResponse>();
  private stopped = false;

  /** `hot` has connections that the server itself does not know. */
  constructor(
    private readonly server: Server,
    private readonly hot: Pick<HotRoutes, 'closeIdle' | 'isAnswering'> | undefined,
  ) {
    server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
    });
    // Upgraded sockets are closed by whoever took them over.
    server.on('upgrade', ({ socket }) => this.sockets.delete(socket as Socket));
  }

  /** Whether answers end their connection. */
  get stopping(): boolean {
    return this.stopped;
  }

  /** Notes an answer that is to be made. */
  note(response: ServerResponse): void {
    if (this.stopped) response.shouldKeepAlive = false;
    this.responses.add(response);
    response.once('close', () => this.responses.delete(response));
  }

  /** Stops; resolves when every answer is out, or the grace is over. `close` is what else stands behind the server. */
  async stop(close: () => Promise<void>): Promise<void> {
    this.stopped = true;
    const { server } = this;
    // Not the server's own close, which ends idle connections under the hands of clients.
    if (server.listening) NetServer.prototype.close.call(server);
    announceStop(server);
    for (const response of this.responses) if (!response.headersSent) response.shouldKeepAlive = false;
    await this.until(LAST_REQUEST_MS);
    server.closeIdleConnections();
    this.hot?.closeIdle();
    for (const socket of this.sockets) if (socket.bytesRead === 0) socket.destroy();
    await this.until(HALF_REQUEST_MS);
    await this.until(GRACE_MS, () => this.closeUnbusy());
    server.closeAllConnections();
    for (const socket of this.sockets) socket.destroy();
    await close().catch((error: NodeJS.ErrnoException) => {
      // It listens no more already.
      if (error.code !== 'ERR_SERVER_NOT_RUNNING') throw error;
    });
  }

  /** Closes connections on which no whole request is under way. */
  private closeUnbusy(): void {
    const busy = new Set<Socket>();
    for (const { req } of this.responses) if (req.complete) busy.add(req.socket);
    for (const socket of this.sockets) {
      if (!busy.has(socket) && !this.hot?.isAnswering(socket)) socket.destroy();
    }
  }

  private async until(milliseconds: number, look: () => void = () => undefined): Promise<void> {
    const deadline = performance.now() + milliseconds;
    while (this.sockets.size > 0 && performance.now() < deadline) {
      look();
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }
}
