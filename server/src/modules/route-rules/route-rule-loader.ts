import type { RouteRules } from './route-rule.js';

/** Reads the route rules as a consistent snapshot. */
export interface RouteRuleLoader {
  load(): Promise<RouteRules>;
}
