import type { FastifyInstance } from 'fastify';
import type { GraphQLDeps } from './graphql/deps.js';
import { mountGraphQL } from './graphql/mount.js';
import { createHttpServer, type HttpServerDeps } from './http/server.js';
import { registerSandboxRoutes, type SandboxDeps } from './modules/sandbox/sandbox.route.js';
import { registerOidcRoutes, type OidcDeps } from './modules/sessions/oidc/oidc.route.js';
import type { VerificationService } from './modules/verification/verification-service.js';
import { registerVerifyRoutes } from './modules/verification/verify.route.js';

/** What everything that is reached over HTTP works with. */
export interface RouteDeps {
  readonly http: HttpServerDeps;
  readonly graphql: GraphQLDeps;
  readonly verification: VerificationService;
  /** undefined: there is no single sign-on. */
  readonly singleSignOn: OidcDeps | undefined;
  /** undefined: there is no sample API. */
  readonly sandbox: SandboxDeps | undefined;
}

/** The HTTP server with every route of the product; it does not listen yet. */
export async function createRoutes(deps: RouteDeps): Promise<FastifyInstance> {
  const http = await createHttpServer(deps.http);
  await mountGraphQL(http, deps.graphql);
  registerVerifyRoutes(http, deps.verification);
  if (deps.singleSignOn) registerOidcRoutes(http, deps.singleSignOn);
  if (deps.sandbox) registerSandboxRoutes(http, deps.sandbox);
  return http;
}
