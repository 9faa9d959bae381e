import type { RouteRules } from './route-rule.js';

/** Reads the route rules, all of one moment. */
export interface RouteRuleLoader {
  load(): Promise<RouteRules>;
}
