/** Notes each change of a table in the change feed, in the transaction that makes it. */
export const noteChangesOf = (table: string, entity: string, id: string): readonly string[] => [
  `create function ${table}_note_change() returns trigger language plpgsql as $$
   declare changed record;
   begin
     if tg_op = 'DELETE' then changed := old; else changed := new; end if;
     insert into change (entity, entity_id) values ('${entity}', changed.${id});
     perform pg_notify('keywright_change', '');
     return null;
   end $$`,
  `create trigger ${table}_note_change after insert or update or delete on ${table}
   for each row execute function ${table}_note_change()`,
];
