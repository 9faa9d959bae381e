import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../../core/clock.js';
import { PROBLEM_CONTENT_TYPE, problemOfVerdict } from '../../core/problem.js';
import type { Environment } from '../keys/token.js';
import { readRequestCredential } from '../verification/credential.js';
import { headersOf, verdictHeaders } from '../verification/refusal.js';
import type { VerificationService } from '../verification/verification-service.js';
import { ENDPOINTS, type SampleEndpoint } from './endpoints.js';

const ENVIRONMENTS: Readonly<Record<string, Environment>> = {
  production: 'PRODUCTION',
  staging: 'STAGING',
  development: 'DEVELOPMENT',
};

declare module 'fastify' {
  interface FastifyRequest {
    /** Name of the key that the sample API let pass. */
    sandboxKeyName: string;
  }
}

/** What the sample API works with. */
export interface SandboxDeps {
  readonly service: VerificationService;
  readonly clock: Clock;
}

/** Verifies as a protected API would, before the body is read. */
async function protect(
  service: VerificationService,
  endpoint: SampleEndpoint,
  environment: Environment,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const verdict = service.check(
    {
      credential: readRequestCredential({
        method: request.method,
        url: request.url,
        headers: headersOf(request.raw.rawHeaders),
      }),
      environment,
      permissions: endpoint.permissions,
      scopeId: null,
      ip: request.ip,
      asker: null,
      cost: 1,
    },
    {
      requestId: request.id,
      method: request.method,
      path: request.url,
      userAgent: request.headers['user-agent'] ?? null,
    },
  );
  await service.safe();
  reply.headers(verdictHeaders(verdict));
  if (verdict.code === 'VALID') {
    request.sandboxKeyName = verdict.key!.record.name;
    return;
  }
  await reply.code(verdict.status).type(PROBLEM_CONTENT_TYPE).send(problemOfVerdict(verdict, request.id));
}

/** `/sandbox/{environment}/…`: a sample API, protected by the same code that answers `/v1/verify`. */
export function registerSandboxRoutes(app: FastifyInstance, { service, clock }: SandboxDeps): void {
  app.decorateRequest('sandboxKeyName', '');
  for (const [name, environment] of Object.entries(ENVIRONMENTS)) {
    for (const endpoint of ENDPOINTS) {
      app.route({
        method: endpoint.method,
        url: `/sandbox/${name}/${endpoint.path}`,
        onRequest: (request, reply) => protect(service, endpoint, environment, request, reply),
        handler: (request, reply) => {
          const { body, sandboxKeyName: keyName } = request;
          const answer = endpoint.answer({ body, keyName, environment: name, now: new Date(clock.now()) });
          return reply.code(answer.status).send(answer.body);
        },
      });
    }
  }
}
