const guard = (terminal: string): string =>
  `create or replace function api_key_guard() returns trigger language plpgsql as $$
   begin
     ${terminal}
     if new.environment <> old.environment or new.kind <> old.kind or new.created_at <> old.created_at then
       raise exception 'environment, kind and creation of a key are fixed' using constraint = 'api_key_fixed', errcode = '23514';
     end if;
     new.version := nextval('record_version');
     return new;
   end $$`;

const REFUSE = `raise exception 'a revoked key cannot change' using constraint = 'api_key_revoked_is_terminal', errcode = '23514';`;

/** Where a key lies and what it inherits from. Of a revoked key only these may still change, when what they name goes away. */
export const keysUp: readonly string[] = [
  `alter table api_key
     add column scope_id text collate "C" not null default 'scp_00000000000000000000000000' references scope,
     add column service_account_id text collate "C" references service_account,
     add column narrowed boolean not null default false,
     add constraint api_key_narrowed check (not narrowed or service_account_id is not null or revoked_at is not null)`,
  `create index api_key_scope on api_key (scope_id)`,
  `create index api_key_service_account on api_key (service_account_id) where service_account_id is not null`,
  `create index api_key_grant_scope on api_key_grant (scope_id)`,
  guard(`if old.revoked_at is not null
       and to_jsonb(new) - 'scope_id' - 'service_account_id' <> to_jsonb(old) - 'scope_id' - 'service_account_id' then
       ${REFUSE}
     end if;`),
];

/** Undoes {@link keysUp}. */
export const keysDown: readonly string[] = [
  guard(`if old.revoked_at is not null then
       ${REFUSE}
     end if;`),
  `delete from api_key_grant where scope_id <> 'scp_00000000000000000000000000'`,
  `drop index api_key_grant_scope`,
  `drop index api_key_service_account`,
  `drop index api_key_scope`,
  `alter table api_key drop constraint api_key_narrowed, drop column narrowed, drop column service_account_id,
     drop column scope_id`,
];
