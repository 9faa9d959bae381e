import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Registry } from 'prom-client';
import { PROBLEM_CONTENT_TYPE, problemOfVerdict } from '@keywright/schema/verdict-http';
import { AppError } from '../../core/errors.js';
import { IpRanges, normaliseAddress } from '@keywright/schema/ip-ranges';
import { headersOf, verdictHeaders } from '../verification/refusal.js';
import type { VerificationService } from '../verification/verification-service.js';

/** What the metrics are served from. */
export interface MetricsDeps {
  readonly registry: Registry;
  readonly service: VerificationService;
}

const PERMISSIONS = ['keywright.metrics.read'] as const;
const LOOPBACK = new IpRanges(['127.0.0.0/8', '::1']);
/** With one of these a request comes through a proxy, from wherever. */
const FORWARDED = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via'];

/** Whether the request was made on this machine, and not by way of a proxy on it. */
const isLocal = ({ raw }: FastifyRequest): boolean =>
  LOOPBACK.allows(normaliseAddress(raw.socket.remoteAddress ?? '') ?? null) &&
  FORWARDED.every((name) => raw.headers[name] === undefined);

/** `GET /metrics` for Prometheus: on this machine, or with a key that holds keywright.metrics.read for the whole installation. */
export function registerMetricsRoute(app: FastifyInstance, { registry, service }: MetricsDeps): void {
  app.get('/metrics', { logLevel: 'warn' }, async (request, reply) => {
    if (!isLocal(request) && !(await mayRead(service, request, reply))) return reply;
    return reply
      .header('cache-control', 'no-store')
      .type(registry.contentType)
      .send(await registry.metrics());
  });
}

async function mayRead(
  service: VerificationService,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<boolean> {
  const call = {
    requestId: request.id,
    method: request.method,
    path: request.url,
    userAgent: request.headers['user-agent'] ?? null,
    ip: request.ip,
  };
  const caller = await service.authenticateCaller(headersOf(request.raw.rawHeaders), call, PERMISSIONS);
  await service.safe();
  if ('verdict' in caller) {
    const { verdict } = caller;
    await reply
      .code(verdict.status)
      .headers(verdictHeaders(verdict))
      .type(PROBLEM_CONTENT_TYPE)
      .send(problemOfVerdict(verdict, request.id));
    return false;
  }
  if (caller.access.holdsEverywhere(PERMISSIONS[0])) return true;
  throw new AppError(
    'FORBIDDEN',
    'Metrics are about the whole installation: hold keywright.metrics.read there.',
  );
}
