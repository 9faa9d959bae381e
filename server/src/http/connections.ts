import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** How long answers that are under way may still take once the server stops. */
const GRACE_MS = 10_000;

/**
 * Stops without waiting for clients: connections on which nothing is under way are closed at once, those that never
 * sent a request included, the others when their answer is out or the grace is over.
 */
export function closeConnections(app: FastifyInstance): void {
  const underWay = new Map<Socket, number>();
  let closing = false;
  app.server.on('connection', (socket) => {
    underWay.set(socket, 0);
    socket.once('close', () => underWay.delete(socket));
  });
  app.server.on('request', ({ socket }, response) => {
    underWay.set(socket, (underWay.get(socket) ?? 0) + 1);
    response.once('close', () => {
      const left = (underWay.get(socket) ?? 1) - 1;
      if (!socket.destroyed) underWay.set(socket, left);
      if (closing && left === 0) socket.end();
    });
  });
  // Upgraded sockets are closed by whoever took them over.
  app.server.on('upgrade', ({ socket }) => underWay.delete(socket as Socket));
  app.addHook('preClose', async () => {
    closing = true;
    for (const [socket, requests] of underWay) if (requests === 0) socket.destroy();
    setTimeout(() => app.server.closeAllConnections(), GRACE_MS).unref();
  });
}
