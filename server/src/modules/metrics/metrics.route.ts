import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Registry } from 'prom-client';
import { PROBLEM_CONTENT_TYPE, problemOfVerdict } from '@keywright/schema/verdict-http';
import { AppError } from '../../core/errors.js';
import { IpRanges, normalizeAddress } from '@keywright/schema/ip-ranges';
import { headersOf, verdictHeaders } from '../verification/refusal.js';
import type { CallerGate } from '../verification/caller-gate.js';

export interface MetricsDeps {
  readonly registry: Registry;
  readonly gate: Pick<CallerGate, 'admit' | 'safe'>;
}

const PERMISSIONS = ['keywright.metrics.read'] as const;
const LOOPBACK = new IpRanges(['127.0.0.0/8', '::1']);
/** Headers that show that a request comes from a web page or through a proxy. */
const NOT_DIRECT =
  /^(?:via|origin|referer|sec-fetch-site|cdn-loop|cookie|upgrade-insecure-requests)$|forwarded|(?:real|client|connecting|original|remote)[-_](?:ip|addr|host|uri|url)|^(?:cf|x-envoy|x-amz|x-amzn|x-azure|x-original)[-_]/;
const OWN_HOSTS = ['127.0.0.1', 'localhost', '[::1]'];

/**
 * Whether a program on this machine sent the request directly. A proxy on this machine, or a page whose name resolves
 * to it, sends a Host other than the one this process listens on; some proxies send their own target as Host, but
 * then with HTTP/1.0.
 */
function isLocal({ raw }: FastifyRequest): boolean {
  const { socket, headers, httpVersion } = raw;
  return (
    LOOPBACK.allows(normalizeAddress(socket.remoteAddress ?? '') ?? null) &&
    httpVersion === '1.1' &&
    OWN_HOSTS.some((host) => headers.host?.toLowerCase() === `${host}:${socket.localPort}`) &&
    !Object.keys(headers).some((name) => NOT_DIRECT.test(name))
  );
}

/**
 * `GET /metrics` for Prometheus: from this machine, or with a key that holds keywright.metrics.read for the whole
 * installation.
 */
export function registerMetricsRoute(app: FastifyInstance, { registry, gate }: MetricsDeps): void {
  app.get('/metrics', { logLevel: 'warn' }, async (request, reply) => {
    if (!isLocal(request) && !(await mayRead(gate, request, reply))) return reply;
    return reply
      .header('cache-control', 'no-store')
      .type(registry.contentType)
      .send(await registry.metrics());
  });
}

async function mayRead(
  gate: MetricsDeps['gate'],
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<boolean> {
  const call = {
    requestId: request.id,
    method: request.method,
    path: request.url,
    userAgent: request.headers['user-agent'] ?? null,
    ip: request.ip,
    credentials: headersOf(request.raw.rawHeaders),
    permissions: PERMISSIONS,
    known: null,
  };
  const caller = await gate.admit(call);
  await gate.safe();
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
    'Metrics cover the whole installation and require keywright.metrics.read at the root.',
  );
}
