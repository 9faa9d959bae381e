import type { Server } from 'node:http';
import type { FastifyInstance } from 'fastify';

const STOPPING = 'keywright:stopping';

/** Calls back once, as soon as the server begins to stop: what is open for long is ended then. */
export function whenStopping(app: FastifyInstance, callback: () => void): void {
  let called = false;
  const once = (): void => {
    if (!called) callback();
    called = true;
  };
  app.server.once(STOPPING, once);
  app.addHook('preClose', async () => once());
}

/** Tells everything that is open for long that the server stops. */
export const announceStop = (server: Server): void => void server.emit(STOPPING);
