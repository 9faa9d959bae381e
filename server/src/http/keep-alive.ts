import type { WebSocket } from 'ws';

/** Interval between pings, in milliseconds. */
export const KEEP_ALIVE_MS = 12_000;

/** Terminates the socket if it does not answer a ping before the next one is due; the returned function stops the pings. */
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
