import type { MigrationInterface, QueryRunner } from 'typeorm';

const PERMISSION = 'keywright.events.read';

/**
 * Events that can be listed and followed. `xid` and `seq` order them by commit: ids and times of concurrent transactions
 * do not. Whoever reads the audit log can read them too.
 */
const UP = [
  `create table event (
     id text collate "C" primary key,
     seq bigint not null generated always as identity,
     xid xid8 not null default pg_current_xact_id(),
     at timestamptz not null,
     type text not null,
     environment text,
     actor_kind text not null,
     actor_id text collate "C",
     actor_name text not null,
     subject_type text not null,
     subject_id text collate "C",
     subject_name text,
     scope_id text collate "C" not null,
     scope_path text[],
     change_token text not null,
     changes jsonb not null
   )`,
  `create index event_xid on event (xid, seq)`,
  `create index event_at on event (at, id)`,
  `create index event_subject on event (subject_id, at, id)`,
  `create index event_scope on event using gin (scope_path)`,
  `insert into permission (name, label, group_name, description, built_in, position)
   select '${PERMISSION}', 'Events: read', group_name, 'List events and follow them live.', true,
     (select max(position) + 1 from permission)
   from permission where name = 'keywright.audit.read'
   on conflict (name) do nothing`,
  // Inserting a permission gives it to the roles that cover the catalog.
  `update role set permissions = array_remove(permissions, '${PERMISSION}') where built_in`,
  `update role set permissions = permissions || '${PERMISSION}'::text
   where built_in and 'keywright.audit.read' = any(permissions)`,
];

const DOWN = [
  `update role set permissions = array_remove(permissions, '${PERMISSION}')`,
  `delete from permission where name = '${PERMISSION}'`,
  `drop table event`,
];

/** The table of events, and the permission to read them. */
export class Events1796006000000 implements MigrationInterface {
  name = 'Events1796006000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}
