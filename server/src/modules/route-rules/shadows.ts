import { inSlices } from '../../core/slices.js';
import type { RouteRule } from './route-rule.js';
import { RouteTable } from './route-table.js';

/**
 * The rules that never decide anything, by id, each with an earlier rule that matches its requests; earlier rules
 * must do so in each of its environments.
 */
export async function shadowsIn(rules: readonly RouteRule[]): Promise<Map<string, RouteRule>> {
  const table = new RouteTable([], 'DENY');
  let index = 0;
  for await (const rule of inSlices(rules)) table.add(rule, index++);
  const shadows = new Map<string, RouteRule>();
  for await (const rule of inSlices(rules)) {
    const above = rule.environments.map((environment) => table.shadowOf(environment, rule));
    if (above.every((each) => each !== null)) shadows.set(rule.id, above[0]!);
  }
  return shadows;
}
