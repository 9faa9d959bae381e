import type { RouteRule } from './route-rule.js';
import { RouteTable } from './route-table.js';

/** The rules that never decide anything, by id, each with an earlier one that takes its requests; in every environment of it some do. */
export function shadowsIn(rules: readonly RouteRule[]): Map<string, RouteRule> {
  const table = new RouteTable(rules, 'DENY');
  const shadows = new Map<string, RouteRule>();
  for (const rule of rules) {
    const above = rule.environments.map((environment) => table.shadowOf(environment, rule));
    if (above.every((each) => each !== null)) shadows.set(rule.id, above[0]!);
  }
  return shadows;
}
