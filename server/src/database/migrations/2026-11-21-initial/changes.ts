const noteChange = (name: string, entity: string, id: string): string =>
  `create function ${name}() returns trigger language plpgsql as $$
   declare changed record;
   begin
     if tg_op = 'DELETE' then changed := old; else changed := new; end if;
     insert into change (entity, entity_id) values ('${entity}', changed.${id});
     perform pg_notify('keywright_change', '');
     return null;
   end $$`;

const TRIGGERS = [
  { table: 'api_key', entity: 'api_key', id: 'id' },
  { table: 'api_key_grant', entity: 'api_key', id: 'api_key_id' },
  { table: 'role', entity: 'role', id: 'id' },
] as const;

/** The change feed: each table that a verdict depends on notes what changed, with the id of the transaction. */
export const changesUp: readonly string[] = [
  `create table change (
     seq bigint generated always as identity primary key,
     xid xid8 not null default pg_current_xact_id(),
     entity text not null,
     entity_id text collate "C" not null,
     at timestamptz not null default clock_timestamp()
   )`,
  `create index change_xid on change (xid)`,
  `create index change_at on change (at)`,
  ...TRIGGERS.flatMap(({ table, entity, id }) => [
    noteChange(`${table}_note_change`, entity, id),
    `create trigger ${table}_note_change after insert or update or delete on ${table}
     for each row execute function ${table}_note_change()`,
  ]),
];

/** Undoes {@link changesUp}. */
export const changesDown: readonly string[] = [
  ...TRIGGERS.flatMap(({ table }) => [
    `drop trigger ${table}_note_change on ${table}`,
    `drop function ${table}_note_change`,
  ]),
  `drop table change`,
];
