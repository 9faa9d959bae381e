import type { Server } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';

/** How long a client has to use its connection once more, and be told with the answer that it ends. */
const LAST_REQUEST_MS = 300;
/** How long answers that are under way may still take after that. */
const GRACE_MS = 10_000;
const LOOK_EVERY_MS = 20;

/**
 * Stops an HTTP server so that no request is lost: new connections are refused at once, so that clients go elsewhere; a
 * client that is busy gets its answer, and with it the word that the connection ends; only connections on which nothing
 * happens are closed from this side.
 */
export class Connections {
  private readonly sockets = new Set<Socket>();
  private stopped = false;

  /** `closeIdle` closes idle connections that the server itself does not know. */
  constructor(
    private readonly server: Server,
    private readonly closeIdle: () => void,
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

  /** Stops; resolves when every answer is out, or the grace is over. `close` is what else stands behind the server. */
  async stop(close: () => Promise<void>): Promise<void> {
    this.stopped = true;
    const { server } = this;
    // Not the server's own close, which ends idle connections under the hands of clients.
    if (server.listening) NetServer.prototype.close.call(server);
    await this.until(LAST_REQUEST_MS);
    server.closeIdleConnections();
    this.closeIdle();
    for (const socket of this.sockets) if (socket.bytesRead === 0) socket.destroy();
    await this.until(GRACE_MS);
    server.closeAllConnections();
    for (const socket of this.sockets) socket.destroy();
    await close().catch((error: NodeJS.ErrnoException) => {
      // It listens no more already.
      if (error.code !== 'ERR_SERVER_NOT_RUNNING') throw error;
    });
  }

  private async until(milliseconds: number): Promise<void> {
    const deadline = performance.now() + milliseconds;
    while (this.sockets.size > 0 && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }
}
