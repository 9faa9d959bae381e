import { noteChangesOf } from './note-change.js';

/**
 * The tree customer > organization > account. `path` holds the ids from the root to the scope itself, so that "lies in this
 * part of the tree" is one comparison; a trigger keeps it, and the levels, whatever is written.
 */
export const scopesUp: readonly string[] = [
  `alter table scope add column name_folded text collate "C", add column email_folded text collate "C",
     add column joined_on date, add column path text[]`,
  `update scope set name_folded = lower(name), path = array[id]`,
  `alter table scope alter column name_folded set not null, alter column path set not null,
     add constraint scope_customer_has_email check ((kind = 'CUSTOMER') = (email_folded is not null)
       and (kind = 'CUSTOMER') = (email is not null) and (kind = 'CUSTOMER') = (joined_on is not null)),
     add constraint scope_switch check (api_enabled or kind in ('CUSTOMER', 'ORGANIZATION'))`,
  `create unique index scope_email_unique on scope (email_folded)`,
  `create unique index scope_name_unique on scope (parent_id, name_folded) where kind in ('ORGANIZATION', 'ACCOUNT')`,
  `create index scope_path on scope using gin (path)`,
  `create index scope_by_name on scope (name_folded, id)`,
  `create index scope_by_parent on scope (parent_id, name_folded, id)`,
  `drop index scope_parent`,
  `create index scope_search on scope using gin ((name_folded || ' ' || coalesce(email_folded, '')) gin_trgm_ops)`,

  `create function scope_place() returns trigger language plpgsql as $$
   declare above scope;
   begin
     if new.kind = 'ROOT' then
       new.path := array[new.id];
       return new;
     end if;
     select * into above from scope where id = new.parent_id for share;
     if above.kind is distinct from (case new.kind when 'CUSTOMER' then 'ROOT' when 'ORGANIZATION' then 'CUSTOMER' else 'ORGANIZATION' end) then
       raise exception 'a scope lies one level below its parent' using constraint = 'scope_levels', errcode = '23514';
     end if;
     new.path := above.path || new.id;
     return new;
   end $$`,
  `create trigger scope_place before insert or update of parent_id, kind, path on scope
   for each row execute function scope_place()`,
  `create function scope_move() returns trigger language plpgsql as $$
   begin
     if new.path is distinct from old.path then
       update scope set path = new.path || id where parent_id = new.id;
     end if;
     return null;
   end $$`,
  `create trigger scope_move after update on scope for each row execute function scope_move()`,
  ...noteChangesOf('scope', 'scope', 'id'),
];

/** Undoes {@link scopesUp}; only the root is left, as it was. */
export const scopesDown: readonly string[] = [
  `drop trigger scope_note_change on scope`,
  `drop function scope_note_change`,
  `drop trigger scope_move on scope`,
  `drop function scope_move`,
  `drop trigger scope_place on scope`,
  `drop function scope_place`,
  `delete from user_grant where scope_id <> 'scp_00000000000000000000000000'`,
  `delete from scope where kind = 'ACCOUNT'`,
  `delete from scope where kind = 'ORGANIZATION'`,
  `delete from scope where kind = 'CUSTOMER'`,
  `drop index scope_search`,
  `create index scope_parent on scope (parent_id)`,
  `drop index scope_by_parent`,
  `drop index scope_by_name`,
  `drop index scope_path`,
  `drop index scope_name_unique`,
  `drop index scope_email_unique`,
  `alter table scope drop constraint scope_switch, drop constraint scope_customer_has_email, drop column path,
     drop column joined_on, drop column email_folded, drop column name_folded`,
];
