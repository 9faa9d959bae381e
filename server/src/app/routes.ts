import type { GraphQLDeps } from '../graphql/deps.js';
import { mountGraphQL } from '../graphql/mount.js';
import { addPages } from '../http/pages.route.js';
import { hotRoutesOf, recordHotRoutes, type HotDeps } from './hot-routes.js';
import { createHttpServer, type HotAnswers, type HttpServer, type HttpServerDeps } from '../http/server.js';
import { addLocalUpgrade } from '../http/local/local-upgrade.js';
import { readStaticFiles } from '../http/static-files.js';
import type { LocalVerifiers } from '../modules/local-verifiers/local-verifiers.js';
import { registerMetricsRoute, type MetricsDeps } from '../modules/metrics/metrics.route.js';
import { registerSandboxRoutes, type SandboxDeps } from '../modules/sandbox/sandbox.route.js';
import { registerOidcRoutes, type OidcDeps } from '../modules/sign-in/oidc/oidc.route.js';

/** Routes for people and integrators. */
export interface ManagementRoutes {
  readonly graphql: GraphQLDeps;
  /** undefined without single sign-on. */
  readonly singleSignOn: OidcDeps | undefined;
  /** undefined without the sandbox API. */
  readonly sandbox: SandboxDeps | undefined;
  /** Directory of the built pages. */
  readonly pages: string;
}

export interface RouteDeps {
  readonly http: Omit<HttpServerDeps, 'hot'>;
  /** undefined if this process does not verify for others. */
  readonly dataPlane: (HotDeps & { readonly localVerifiers: LocalVerifiers }) | undefined;
  readonly metrics: MetricsDeps;
  /** undefined if this process only verifies. */
  readonly management: ManagementRoutes | undefined;
}

/** Creates the HTTP server with all routes; it does not listen yet. */
export async function createRoutes({ http, dataPlane, metrics, management }: RouteDeps): Promise<HttpServer> {
  const hot = dataPlane && ((answers: HotAnswers) => hotRoutesOf(dataPlane, answers, http.log));
  const server = createHttpServer({ ...http, hot });
  const { app } = server;
  if (hot) recordHotRoutes(app);
  registerMetricsRoute(app, metrics);
  if (dataPlane) {
    const { gate, service, localVerifiers } = dataPlane;
    addLocalUpgrade(app, { ...http, gate, service, verifiers: localVerifiers });
  }
  if (!management) return server;
  await mountGraphQL(app, management.graphql);
  if (management.singleSignOn) registerOidcRoutes(app, management.singleSignOn);
  if (management.sandbox) registerSandboxRoutes(app, management.sandbox);
  addPages(app, await readStaticFiles(management.pages, http.basePath));
  return server;
}
