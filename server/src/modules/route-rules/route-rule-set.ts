import type { RouteRules } from './route-rule.js';
import { RouteTable } from './route-table.js';

/** The route rules in memory, kept current by the change feed; before they are known, nobody passes. */
export class RouteRuleSet {
  private current = new RouteTable([], 'DENY');

  /** What requests are decided by; whoever decides one takes it once. */
  get table(): RouteTable {
    return this.current;
  }

  /** Takes over other rules, all at once. */
  replaceWith({ rules, noMatch, held = [] }: RouteRules): void {
    const bounds = held.map((list) => new RouteTable(list.rules, list.noMatch));
    this.current = new RouteTable(rules, noMatch, bounds);
  }
}
