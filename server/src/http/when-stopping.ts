import type { Server } from 'node:http';
import type { FastifyInstance } from 'fastify';

const STOPPING = 'keywright:stopping';

/** Calls back once, as soon as the server starts to stop, for closing long-lived connections. */
export function whenStopping(app: FastifyInstance, callback: () => void): void {
  let called = false;
  const once = (): void => {
    if (!called) callback();
    called = true;
  };
  app.server.once(STOPPING, once);
  app.addHook('preClose', async () => once());
}

/** Announces to long-lived connections that the server is stopping. */
export const announceStop = (server: Server): void => void server.emit(STOPPING);
