import { installationRow, type Queries } from '../../core/queries.js';
import { drawEra } from './database-era.postgres.js';
import type { Changes, ChangeSource } from './change-source.js';
import type { AuditMark } from './database-history.js';

/**
 * `$1` identifies this process, `$2` is the place in the audit log to check. The limit tells the planner that there
 * is one row: without statistics it assumes large tables and JIT-compiles the statement, which takes seconds.
 */
const POSITION = `(
  select pg_current_snapshot()::text as snapshot, i.id as installation, e.era, e.own, e.standby,
    (select beat::float8 from verification_node where id = $1) as beat,
    (select seq::float8 from audit_head limit 1) as audit_seq, (select hash from audit_head limit 1) as audit_hash,
    (select hash from audit_event where seq = $2::bigint) as asked_hash,
    (select min(seq) from audit_event) > $2::bigint as asked_pruned
  from installation i, current_era() e limit 1
) position`;

const NOW = `
  select position.*, false as went_back, null as entity, null as entity_id, null as upkeep, null as lag from ${POSITION}`;

/**
 * The rows that this statement sees and the cursor did not. It also finds a change that committed late under a lower
 * id; the comparison with xmin only lets the index narrow the search.
 */
const SINCE = `
  select position.*, pg_snapshot_xmax($3::pg_snapshot) > pg_snapshot_xmax(pg_current_snapshot()) as went_back,
    change.entity, change.entity_id, change.upkeep, extract(epoch from clock_timestamp() - change.at)::float8 as lag
  from ${POSITION}
  left join (
    select entity, entity_id, bool_and(upkeep) as upkeep, min(at) as at from change
    where xid >= pg_snapshot_xmin($3::pg_snapshot) and not pg_visible_in_snapshot(xid, $3::pg_snapshot)
    group by entity, entity_id
  ) change on true`;

interface Row {
  readonly snapshot: string;
  readonly installation: string;
  readonly era: string;
  readonly own: boolean | null;
  readonly standby: boolean;
  readonly beat: number | null;
  readonly audit_seq: number | null;
  readonly audit_hash: string | null;
  readonly asked_hash: string | null;
  readonly asked_pruned: boolean | null;
  readonly went_back: boolean;
  readonly entity: string | null;
  readonly entity_id: string | null;
  readonly upkeep: boolean | null;
  readonly lag: number | null;
}

/** The connection reached a standby, which may lag behind the last commits of the primary. */
export class StandbyError extends Error {
  constructor() {
    super('This PostgreSQL is a standby. Point DATABASE_URL at the primary.');
  }
}

/**
 * Whether the audit log still has the event at a mark; null if unknown: no mark was given, or retention removed the
 * event.
 */
function isKept(row: Row, asked: AuditMark | null): boolean | null {
  if (asked === null || asked.seq === 0) return null;
  if (row.asked_hash !== null) return row.asked_hash.startsWith(asked.hash);
  return row.asked_pruned === true ? null : false;
}

/** Reads the change feed with a snapshot cursor, which loses no row that commits out of order. */
export class PostgresChangeSource implements ChangeSource {
  /** @param node Identifies this process, as in its heartbeat. */
  constructor(
    private readonly queries: Queries,
    private readonly node: string,
  ) {}

  async read(after: string | null, audit: AuditMark | null): Promise<Changes> {
    let rows = await this.ask(after, audit);
    if (rows[0]?.own === false || rows[0]?.own === null) {
      await drawEra(this.queries);
      rows = await this.ask(after, audit);
    }
    const first = installationRow(rows);
    const idsOf = (entity: string): string[] =>
      rows.filter((row) => row.entity === entity).map((row) => row.entity_id!);
    return {
      snapshot: first.snapshot,
      position: {
        installationId: first.installation,
        era: first.era,
        beat: first.beat,
        audit: { seq: first.audit_seq ?? 0, hash: first.audit_hash ?? '' },
        auditKept: isKept(first, audit),
        wentBack: first.went_back,
      },
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

  private async ask(after: string | null, audit: AuditMark | null): Promise<Row[]> {
    const values = [this.node, audit?.seq ?? null];
    const rows = await (after === null
      ? this.queries.query<Row>(NOW, values)
      : this.queries.query<Row>(SINCE, [...values, after]));
    if (rows[0]?.standby) throw new StandbyError();
    return rows;
  }

  async prune(xmin: bigint): Promise<void> {
    await this.queries.query(`delete from change where xid < $1::xid8 or at < now() - interval '1 day'`, [
      xmin.toString(),
    ]);
  }
}
