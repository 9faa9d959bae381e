import type { RouteRules } from './route-rule.js';
import { RouteTable } from './route-table.js';

/** Reads the route rules as a consistent snapshot. */
export interface RouteRuleLoader {
  load(): Promise<RouteRules>;
}

/** The route rules in memory, kept current by the change feed; until they are loaded, everyone is rejected. */
export class RouteRuleSet {
  private current = new RouteTable([], 'DENY');

  /** The table that decides requests; take it once per decision. */
  get table(): RouteTable {
    return this.current;
  }

  /** Replaces all rules in one step. */
  replaceWith({ rules, noMatch, held = [] }: RouteRules): void {
    const bounds = held.map((list) => new RouteTable(list.rules, list.noMatch));
    this.current = new RouteTable(rules, noMatch, bounds);
  }
}
