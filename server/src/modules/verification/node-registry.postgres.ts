import type { Queries } from '../../core/queries.js';
import type { KnownNode, NodeIdentity, NodeProgress, NodeRegistry, NodeState } from './node-registry.js';

/** Channel on which nodes tell that they have applied a change. */
export const APPLIED_CHANNEL = 'keywright_applied';

/** Nodes that were not seen for longer are gone, or stand still: what they answer when they wake is from no old state. */
const SEEN = `seen_at > now() - interval '10 seconds'`;

const BEAT = `
  with me as (
    insert into verification_node as n (id, role, host, version, started_at, seen_at, applied, keys, backlog_bytes, lost_events, redis)
    values ($1, $2, $3, $4, $5, clock_timestamp(), $6::pg_snapshot, $7, $8, $9, $11)
    on conflict (id) do update set role = excluded.role, host = excluded.host, version = excluded.version,
      started_at = excluded.started_at, seen_at = excluded.seen_at, applied = excluded.applied, keys = excluded.keys,
      backlog_bytes = excluded.backlog_bytes, lost_events = excluded.lost_events, redis = excluded.redis
  )
  select count(*)::int as others, case when $10 then pg_notify('${APPLIED_CHANNEL}', '') end
  from verification_node where id <> $1 and ${SEEN}`;

/** Whoever sees a transaction sees what that saw. Until then it may have all that matters of it: the changes. */
const CAUGHT_UP = `
  case when pg_visible_in_snapshot($1::xid8, n.applied) then true
  when $3::pg_snapshot is null then false
  else not exists (
    select from change
    where xid >= pg_snapshot_xmin(n.applied) and not pg_visible_in_snapshot(xid, n.applied)
      and (xid = $1::xid8 or pg_visible_in_snapshot(xid, $3::pg_snapshot))
  ) end`;

const PROGRESS = `
  select count(*)::int as nodes, count(*) filter (where ${CAUGHT_UP})::int as applied
  from verification_node n where ${SEEN} and role <> 'manage' and id <> $2`;

/** Keeps the nodes in a table. */
export class PostgresNodeRegistry implements NodeRegistry {
  constructor(private readonly queries: Queries) {}

  async beat(identity: NodeIdentity, state: NodeState, wake: boolean): Promise<number> {
    const { id, role, host, version, startedAt } = identity;
    const { applied, keys, backlogBytes, lostEvents, redis } = state;
    const values = [id, role, host, version, startedAt, applied, keys, backlogBytes, lostEvents, wake, redis];
    const [row] = await this.queries.query<{ others: number }>(BEAT, values);
    return row!.others;
  }

  async progress(xid: bigint, saw: string | null, exceptId: string): Promise<NodeProgress> {
    const [row] = await this.queries.query<NodeProgress>(PROGRESS, [xid.toString(), exceptId, saw]);
    return row!;
  }

  list(): Promise<KnownNode[]> {
    return this.queries.query<KnownNode>(
      `select id, role, host, version, started_at as "startedAt", seen_at as "seenAt", applied::text, keys,
         backlog_bytes::float8 as "backlogBytes", lost_events::float8 as "lostEvents", redis
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
