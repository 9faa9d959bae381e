import type { MigrationInterface, QueryRunner } from 'typeorm';

const ROOT = 'scp_00000000000000000000000000';

const guard = (changeable: readonly string[]): string => {
  const fixed = (row: string): string =>
    `to_jsonb(${row})${changeable.map((name) => ` - '${name}'`).join('')}`;
  return `create or replace function api_key_guard() returns trigger language plpgsql as $$
   begin
     if old.revoked_at is not null and ${fixed('new')} <> ${fixed('old')} then
       raise exception 'a revoked key cannot change' using constraint = 'api_key_revoked_is_terminal', errcode = '23514';
     end if;
     if new.environment <> old.environment or new.kind <> old.kind or new.created_at <> old.created_at then
       raise exception 'environment, kind and creation of a key are fixed' using constraint = 'api_key_fixed', errcode = '23514';
     end if;
     new.version := nextval('record_version');
     return new;
   end $$`;
};

/**
 * The customer of each key, the root for keys of the installation, kept by triggers. While a key is written its scope does
 * not move; a move takes the keys with it.
 */
const UP = [
  `alter table api_key add column customer_id text collate "C" not null default '${ROOT}'`,
  guard(['scope_id', 'service_account_id', 'customer_id']),
  `alter table api_key disable trigger user`,
  `update api_key k set customer_id = s.path[2] from scope s where s.id = k.scope_id and s.path[2] is not null`,
  `alter table api_key enable trigger user`,
  `create function api_key_customer() returns trigger language plpgsql as $$
   begin
     new.customer_id := '${ROOT}';
     if new.scope_id <> new.customer_id then
       select coalesce(path[2], new.customer_id) into new.customer_id from scope where id = new.scope_id for share;
       new.customer_id := coalesce(new.customer_id, '${ROOT}');
     end if;
     return new;
   end $$`,
  `create trigger api_key_customer before insert or update of scope_id on api_key
   for each row execute function api_key_customer()`,
  `create function scope_customer() returns trigger language plpgsql as $$
   begin
     update api_key set customer_id = new.path[2] where scope_id = new.id and revoked_at is null;
     return null;
   end $$`,
  `create trigger scope_customer after update on scope
   for each row when (new.path[2] is distinct from old.path[2]) execute function scope_customer()`,
  // Processes of earlier versions know a taken name by the name of this index.
  `drop index api_key_name_unique`,
  `create unique index api_key_name_unique on api_key (customer_id, name_folded) where revoked_at is null`,
  `drop index scope_email_unique`,
  `alter table scope add column maximum_keys integer,
     add constraint scope_maximum_keys check (maximum_keys is null or (maximum_keys >= 0 and kind = 'CUSTOMER'))`,
];

const DOWN = [
  `alter table scope drop constraint scope_maximum_keys, drop column maximum_keys`,
  `create unique index scope_email_unique on scope (email_folded)`,
  `drop index api_key_name_unique`,
  `create unique index api_key_name_unique on api_key (name_folded) where revoked_at is null`,
  `drop trigger scope_customer on scope`,
  `drop function scope_customer`,
  `drop trigger api_key_customer on api_key`,
  `drop function api_key_customer`,
  guard(['scope_id', 'service_account_id']),
  `alter table api_key drop column customer_id`,
];

/** Names of keys are unique within their customer, a customer can have a maximum of keys, and contact addresses repeat. */
export class CustomerKeys1796000420000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of UP) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const sql of DOWN) await runner.query(sql);
  }
}
