import type { WebSocket } from 'ws';

/** How often a socket is asked whether anybody reads it, in milliseconds. */
export const KEEP_ALIVE_MS = 12_000;

/** Drops the socket when it answers no ping until the next one is due; the returned function ends the watch. */
export function keepAlive(socket: Pick<WebSocket, 'on' | 'ping' | 'terminate'>): () => void {
  let answered = true;
  socket.on('pong', () => (answered = true));
  const timer = setInterval(() => {
    if (!answered) return socket.terminate();
    answered = false;
    socket.ping();
  }, KEEP_ALIVE_MS);
  return () => clearInterval(timer);
}
