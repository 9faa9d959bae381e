import type { Queries } from '../../core/queries.js';
import type { Changes, ChangeSource } from './change-source.js';

const POSITION = `
  select pg_current_snapshot()::text as snapshot, installation.id as installation, false as went_back,
         null as entity, null as entity_id, null as upkeep, null as lag
  from installation`;

/**
 * The rows that this statement sees and the cursor did not. A change that committed late, under a lower id, is found all
 * the same; the comparison with xmin only lets the index narrow the search.
 */
const SINCE = `
  select pg_current_snapshot()::text as snapshot, installation.id as installation,
         pg_snapshot_xmax($1::pg_snapshot) > pg_snapshot_xmax(pg_current_snapshot()) as went_back,
         change.entity, change.entity_id, change.upkeep, extract(epoch from clock_timestamp() - change.at)::float8 as lag
  from installation
  left join (
    select entity, entity_id, bool_and(upkeep) as upkeep, min(at) as at from change
    where xid >= pg_snapshot_xmin($1::pg_snapshot) and not pg_visible_in_snapshot(xid, $1::pg_snapshot)
    group by entity, entity_id
  ) change on true`;

interface Row {
  readonly snapshot: string;
  readonly installation: string;
  readonly went_back: boolean;
  readonly entity: string | null;
  readonly entity_id: string | null;
  readonly upkeep: boolean | null;
  readonly lag: number | null;
}

/** Reads the change feed with a snapshot cursor, which loses no row that commits out of order. */
export class PostgresChangeSource implements ChangeSource {
  constructor(private readonly queries: Queries) {}

  async read(after: string | null): Promise<Changes> {
    const rows = await (after === null
      ? this.queries.query<Row>(POSITION)
      : this.queries.query<Row>(SINCE, [after]));
    const [first] = rows;
    if (!first) throw new Error('The table installation is empty: this is not a database of Keywright.');
    const idsOf = (entity: string): string[] =>
      rows.filter((row) => row.entity === entity).map((row) => row.entity_id!);
    return {
      snapshot: first.snapshot,
      installationId: first.installation,
      wentBack: first.went_back,
      lagSeconds: first.entity === null ? null : Math.max(...rows.map((row) => row.lag!)),
      ids: {
        apiKeys: idsOf('api_key'),
        editedApiKeys: rows
          .filter(({ entity, upkeep }) => entity === 'api_key' && !upkeep)
          .map(({ entity_id }) => entity_id!),
        scopes: idsOf('scope'),
        roles: idsOf('role'),
        serviceAccounts: idsOf('service_account'),
        routeRules: idsOf('route_rules').length > 0,
      },
    };
  }

  async prune(xmin: bigint): Promise<void> {
    await this.queries.query(`delete from change where xid < $1::xid8 or at < now() - interval '1 day'`, [
      xmin.toString(),
    ]);
  }
}
