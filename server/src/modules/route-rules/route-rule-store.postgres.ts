import type { DataSource } from 'typeorm';
import { managerOf } from '../../core/transaction.postgres.js';
import type { Transaction } from '../../core/transaction.js';
import { installationRow } from '../../core/queries.js';
import { SELECT_RULE, SELECT_RULES } from './route-rule-loader.postgres.js';
import { sameRule, type NoMatch, type PlacedRouteRule, type RouteRule } from './route-rule.js';

const SAVE = `
  insert into route_rule (id, position, environments, method, path_pattern, access, permission, scope_parameter, description)
  select id, position, environments, method, "pathPattern", access, permission, "scopeParameter", description
  from jsonb_to_recordset($1) as rule(id text, position integer, environments text[], method text, "pathPattern" text,
    access text, permission text, "scopeParameter" text, description text)
  on conflict (id) do update set position = excluded.position, environments = excluded.environments,
    method = excluded.method, path_pattern = excluded.path_pattern, access = excluded.access,
    permission = excluded.permission, scope_parameter = excluded.scope_parameter, description = excluded.description`;

/** Stores route rules, and the outcome for requests that match none, in PostgreSQL. */
export class RouteRuleStore {
  constructor(private readonly dataSource: DataSource) {}

  /** All rules, in order. */
  list(tx?: Transaction): Promise<PlacedRouteRule[]> {
    return managerOf(tx, this.dataSource).query(SELECT_RULES);
  }

  /** All rules, in order, locked until the transaction ends. */
  async lock(tx: Transaction): Promise<PlacedRouteRule[]> {
    await managerOf(tx).query('lock table route_rule in share row exclusive mode');
    return this.list(tx);
  }

  /** An existing rule. */
  async read(tx: Transaction, id: string): Promise<PlacedRouteRule> {
    const [rule] = (await managerOf(tx).query(`${SELECT_RULE} where id = $1`, [id])) as [PlacedRouteRule];
    return rule;
  }

  /** Turns the existing rules into the new ones, writing only what differs. */
  async save(
    tx: Transaction,
    before: readonly PlacedRouteRule[],
    after: readonly RouteRule[],
  ): Promise<void> {
    const were = new Map(before.map((rule) => [rule.id, rule]));
    const different = after
      .map((rule, i) => ({ ...rule, position: i + 1 }))
      .filter((rule) => were.get(rule.id)?.position !== rule.position || !sameRule(were.get(rule.id)!, rule));
    const kept = new Set(after.map(({ id }) => id));
    const gone = before.map(({ id }) => id).filter((id) => !kept.has(id));
    if (gone.length > 0) await managerOf(tx).query('delete from route_rule where id = any($1)', [gone]);
    if (different.length > 0) await managerOf(tx).query(SAVE, [JSON.stringify(different)]);
  }

  /** The outcome for requests that match no rule. */
  async noMatch(): Promise<NoMatch> {
    const rows: { value: NoMatch }[] = await this.dataSource.query(
      'select route_no_match as value from installation',
    );
    return installationRow(rows).value;
  }

  /** Sets the outcome; returns whether it was different before. */
  async setNoMatch(tx: Transaction, value: NoMatch): Promise<boolean> {
    const [, affected]: [unknown[], number] = await managerOf(tx).query(
      'update installation set route_no_match = $1 where route_no_match <> $1',
      [value],
    );
    return affected === 1;
  }
}
