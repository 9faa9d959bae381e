import type { Queries } from '../../core/queries.js';
import type {
  Beat,
  KeptProgress,
  KnownProcess,
  CommittedChange,
  ProcessIdentity,
  ProcessRegistry,
  ProcessState,
} from './process-registry.js';

/** Channel on which processes announce that they have applied a change. */
export const APPLIED_CHANNEL = 'keywright_applied';

/** Processes not seen for longer are gone or suspended; once resumed, they do not answer from an old state. */
const SEEN = `seen_at > now() - interval '10 seconds'`;

const BEAT = `
  with me as (
    insert into verification_node as n (id, role, host, version, started_at, seen_at, applied, keys, backlog_bytes, lost_events, redis,
      beat, era, database_changes, database_changed_at, lost_is_minimum, hears_notifications, redis_faults)
    select $1, $2, $3, $4, $5::timestamptz, clock_timestamp(), $6::pg_snapshot, $7::int, $8::bigint, $9::bigint, $11, 1, e.era, $12::int, $13::timestamptz, $14::boolean,
      $15::boolean, $16::text[]
    from current_era() e
    on conflict (id) do update set role = excluded.role, host = excluded.host, version = excluded.version,
      started_at = excluded.started_at, seen_at = excluded.seen_at, applied = excluded.applied, keys = excluded.keys,
      backlog_bytes = excluded.backlog_bytes, lost_events = excluded.lost_events, redis = excluded.redis, beat = n.beat + 1,
      era = excluded.era, database_changes = excluded.database_changes, database_changed_at = excluded.database_changed_at,
      lost_is_minimum = excluded.lost_is_minimum, hears_notifications = excluded.hears_notifications,
      redis_faults = excluded.redis_faults
    returning beat, era
  )
  select me.beat::float8, me.era, case when $10 then pg_notify('${APPLIED_CHANNEL}', '') end,
    (select count(*)::int from verification_node where id <> $1 and ${SEEN}) as others,
    (select count(*)::int from key_hold where settled_at is null)
      + (select count(*)::int from access_hold where settled_at is null) as holds
  from me`;

/**
 * A process that sees a transaction sees everything that transaction saw. Until then it may already have the part
 * that matters: the changes. The state of a process in another history says nothing: there the same id belongs to
 * another transaction.
 */
const CAUGHT_UP = `
  case when n.era <> (select era from current_era()) then false
  when pg_visible_in_snapshot($1::xid8, n.applied) then true
  when $3::pg_snapshot is null then false
  else not exists (
    select from change
    where xid >= pg_snapshot_xmin(n.applied) and not pg_visible_in_snapshot(xid, n.applied)
      and (xid = $1::xid8 or pg_visible_in_snapshot(xid, $3::pg_snapshot))
  ) end`;

/**
 * A transaction that just committed still exists. Older versions did not record the event; the feed keeps their
 * changes for an hour.
 */
const KEPT = `
  case when $3::pg_snapshot is not null then true
  when $4::text is null then exists (select from change where xid = $1::xid8)
  else exists (select from audit_event where id = $4::text) end`;

const PROGRESS = `
  select count(*)::int as nodes, count(*) filter (where ${CAUGHT_UP})::int as applied, ${KEPT} as kept,
    (select era from current_era()) as era
  from verification_node n where ${SEEN} and role <> 'manage' and id <> $2`;

/** Keeps the registry in a table. */
export class PostgresProcessRegistry implements ProcessRegistry {
  constructor(private readonly queries: Queries) {}

  async beat(identity: ProcessIdentity, state: ProcessState, wake: boolean): Promise<Beat> {
    const { id, role, host, version, startedAt } = identity;
    const { applied, keys, backlogBytes, lostEvents, redis } = state;
    const values: unknown[] = [
      id,
      role,
      host,
      version,
      startedAt,
      applied,
      keys,
      backlogBytes,
      lostEvents,
      wake,
      redis,
    ];
    values.push(state.databaseChanges, state.databaseChangedAt, state.lostIsMinimum);
    values.push(state.hearsNotifications, state.redisFaults);
    const [row] = await this.queries.query<Beat>(BEAT, values);
    return row!;
  }

  async progress(
    { xid, auditEventId }: CommittedChange,
    saw: string | null,
    exceptId: string,
  ): Promise<KeptProgress> {
    const values = [xid.toString(), exceptId, saw, auditEventId];
    const [row] = await this.queries.query<KeptProgress>(PROGRESS, values);
    return row!;
  }

  list(): Promise<KnownProcess[]> {
    return this.queries.query<KnownProcess>(
      `select id, role, host, version, started_at as "startedAt", seen_at as "seenAt", applied::text, keys,
         backlog_bytes::float8 as "backlogBytes", lost_events::float8 as "lostEvents",
         lost_is_minimum as "lostIsMinimum", redis,
         database_changes as "databaseChanges", database_changed_at as "databaseChangedAt",
         hears_notifications as "hearsNotifications", redis_faults as "redisFaults"
       from verification_node where ${SEEN} order by role, host, id`,
    );
  }

  async leave(id: string): Promise<void> {
    await this.queries.query(
      `delete from verification_node where id = $1 or seen_at < now() - interval '1 day'`,
      [id],
    );
  }
}
