import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest, RequestPayload } from 'fastify';
import type { Clock } from '../../core/clock.js';
import { PROBLEM_CONTENT_TYPE, problemOfVerdict } from '@keywright/schema/verdict-http';
import type { Environment } from '@keywright/schema/environment';
import { mayBeSigned } from '../signatures/read-signature.js';
import { contentOf } from '../signatures/received-content.js';
import type { SignedRequest } from '../signatures/signed-request.js';
import { readRequestCredential, type Credential } from '../verification/credential.js';
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
    /** Name of the key that the sample API accepted. */
    sandboxKeyName: string;
  }
}

export interface SandboxDeps {
  readonly service: VerificationService;
  readonly clock: Clock;
  /** The path of the public URL; empty if there is none. */
  readonly basePath: string;
}

/** Maximum body size in bytes that is read before the sender is known. */
const MAX_SIGNED_BODY_BYTES = 256 * 1024;

/** The request as its client signed it, with the base path that the server removed. */
const signedRequestOf = (request: FastifyRequest, basePath: string): SignedRequest => ({
  method: request.method,
  url: basePath + request.url,
  headers: headersOf(request.raw.rawHeaders),
  scheme: request.protocol.replace(/^ws/i, 'http'),
});

/** Reads a whole body. Error: 413 if it is too long. */
async function readAll(payload: RequestPayload): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of payload) {
    bytes += (chunk as Buffer).length;
    if (bytes > MAX_SIGNED_BODY_BYTES) {
      throw Object.assign(new Error('The body is too large.'), { statusCode: 413 });
    }
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

/** Verifies as a protected API would. */
async function protect(
  service: VerificationService,
  { permissions }: SampleEndpoint,
  environment: Environment,
  credential: Credential,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const verdict = await service.decide(
    { credential, environment, permissions, scopeId: null, ip: request.ip, caller: null, cost: 1 },
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
export function registerSandboxRoutes(app: FastifyInstance, { service, clock, basePath }: SandboxDeps): void {
  app.decorateRequest('sandboxKeyName', '');
  for (const [name, environment] of Object.entries(ENVIRONMENTS)) {
    for (const endpoint of ENDPOINTS) {
      app.route({
        method: endpoint.method,
        url: `/sandbox/${name}/${endpoint.path}`,
        // Before the body is read, unless a signature may cover it.
        onRequest: async (request, reply) => {
          const credential = readRequestCredential(signedRequestOf(request, basePath));
          if (!('signed' in credential))
            await protect(service, endpoint, environment, credential, request, reply);
        },
        preParsing: async (request, reply, payload) => {
          const signed = signedRequestOf(request, basePath);
          if (!mayBeSigned(signed)) return payload;
          const body = await readAll(payload);
          const credential = readRequestCredential({ ...signed, content: contentOf(body) });
          await protect(service, endpoint, environment, credential, request, reply);
          return Readable.from([body]);
        },
        handler: (request, reply) => {
          const { body, sandboxKeyName: keyName } = request;
          const answer = endpoint.answer({ body, keyName, environment: name, now: new Date(clock.now()) });
          return reply.code(answer.status).send(answer.body);
        },
      });
    }
  }
}
