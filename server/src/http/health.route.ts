import type { FastifyInstance } from 'fastify';
import { AppError } from '../core/errors.js';

/** Whether this process is ready, and if not, a reason without internals. */
export type Readiness = () => { readonly ready: boolean; readonly reason: string | null };

/** `/livez`: the process runs. `/readyz`: the process is ready, or 503 with the reason. */
export function addHealthRoutes(app: FastifyInstance, readiness: Readiness): void {
  app.get('/livez', { logLevel: 'warn' }, (_, reply) =>
    reply.header('cache-control', 'no-store').send({ status: 'ok' }),
  );
  app.get('/readyz', { logLevel: 'warn' }, (_, reply) => {
    const { ready, reason } = readiness();
    if (!ready) throw new AppError('UNAVAILABLE', reason ?? 'Not ready.', { retryAfterSeconds: 1 });
    return reply.header('cache-control', 'no-store').send({ status: 'ok' });
  });
}
