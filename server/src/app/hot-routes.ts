import type { Logger } from 'pino';
import type { HotAnswers, HttpServer } from '../http/server.js';
import { monotonicClock } from '../core/clock.js';
import { AuthorizeEndpoint } from '../modules/gateways/authorize-endpoint.js';
import { AUTHORIZE_PATH } from '../modules/gateways/authorize-target.js';
import { METHODS } from '../modules/route-rules/request-method.js';
import type { RouteTable } from '../modules/route-rules/route-table.js';
import type { CallerGate } from '../modules/verification/caller-gate.js';
import { HotProblems } from '../modules/verification/hot-problems.js';
import type { HotRoute } from '../modules/verification/hot-request.js';
import type { VerificationService } from '../modules/verification/verification-service.js';
import { VERIFY_PATHS, VerifyEndpoint } from '../modules/verification/verify-endpoint.js';

export interface HotDeps {
  readonly gate: CallerGate;
  readonly service: VerificationService;
  readonly rules: { readonly table: RouteTable };
}

/** The routes of the data plane, in matching order. */
export function hotRoutesOf({ gate, service, rules }: HotDeps, answers: HotAnswers, log: Logger): HotRoute[] {
  const problems = new HotProblems({ service, ...answers });
  const warn = (message: string): void => log.warn(message);
  return [
    new VerifyEndpoint({ gate, service, problems }),
    new AuthorizeEndpoint({ gate, service, problems, rules, warn, clock: monotonicClock }),
  ];
}

/** Records the hot routes in the route table. */
export function recordHotRoutes({ routeTable }: HttpServer['app']): void {
  for (const path of VERIFY_PATHS) routeTable.add(path, ['POST']);
  for (const path of [AUTHORIZE_PATH, `${AUTHORIZE_PATH}/*`]) routeTable.add(path, METHODS);
}
