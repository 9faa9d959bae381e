import type { Queries } from '../../core/queries.js';

const DRAW = `
  insert into database_era as e (id, system_identifier, database_oid)
  select gen_random_uuid(), p.system_identifier, p.database_oid from database_position() p
  on conflict (single) do update
    set id = excluded.id, system_identifier = excluded.system_identifier, database_oid = excluded.database_oid, drawn_at = now()
    where e.database_oid <> excluded.database_oid or e.system_identifier <> excluded.system_identifier`;

/** Rows of transactions that this cluster has not started yet come from another cluster, through a dump. */
const DELETE_FOREIGN_CHANGES = `delete from change where xid >= pg_snapshot_xmax(pg_current_snapshot())`;

/**
 * Generates an id for this database unless it already has one: a restored dump carries the id of its source. Among
 * concurrent processes, only one generates it. Deletes changes that came with the dump.
 */
export async function drawEra(queries: Queries): Promise<void> {
  await queries.query(DRAW);
  await queries.query(DELETE_FOREIGN_CHANGES);
}

/**
 * The random id of this database: copies have different ids, and a failover keeps it. Draws a new one if the stored
 * id came with a dump.
 */
export async function readEraId(queries: Queries): Promise<string> {
  const read = (): Promise<{ id: string | null; own: boolean | null }[]> =>
    queries.query('select id, own from current_era()');
  const [found] = await read();
  if (found?.id && found.own) return found.id;
  await drawEra(queries);
  const [drawn] = await read();
  return drawn!.id!;
}
