import { installationRow, type Queries } from '../../core/queries.js';
import type { RouteRuleLoader } from './route-rule-set.js';
import type { RouteRules } from './route-rule.js';

/** Columns of a {@link PlacedRouteRule} in the table `route_rule`. */
const COLUMNS = `id, position, environments, method, path_pattern as "pathPattern", access, permission,
  scope_parameter as "scopeParameter", description,
  edit_version + (select version from route_rule_order) as "version"`;

/** Selects rules in any order. */
export const SELECT_RULE = `select ${COLUMNS} from route_rule`;

/** Selects rules in list order. */
export const SELECT_RULES = `${SELECT_RULE} order by position`;

/** Reads route rules from PostgreSQL. */
export class PostgresRouteRuleLoader implements RouteRuleLoader {
  constructor(private readonly queries: Queries) {}

  async load(): Promise<RouteRules> {
    // One statement, so that rules and setting are consistent.
    const rows = await this.queries.query<RouteRules>(
      `select route_no_match as "noMatch",
         (select coalesce(json_agg(rule), '[]') from (${SELECT_RULES}) rule) as rules,
         (select coalesce(json_agg(restriction order by id), '[]') from access_hold
          where entity = 'route_rules' and settled_at is null) as held
       from installation`,
    );
    return installationRow(rows);
  }
}
