const TALLY_EVENTS = {
  insert: 'referencing new table as after_rows',
  update: 'referencing old table as before_rows new table as after_rows',
  delete: 'referencing old table as before_rows',
};

const tallied = (rows: string, n: number): string =>
  `select environment, kind, enabled, revoked_at is not null as revoked, ${n} as n from ${rows}`;

const TALLIED = {
  insert: tallied('after_rows', 1),
  update: `${tallied('after_rows', 1)} union all ${tallied('before_rows', -1)}`,
  delete: tallied('before_rows', -1),
};

/**
 * How many keys there are of each sort, so that counting a million costs what counting ten does. Changes append rows, which
 * do not wait for each other; upkeep folds them together. The sum is exact at any moment.
 */
const TALLY: readonly string[] = [
  `create table api_key_tally (
     environment text not null,
     kind text not null,
     enabled boolean not null,
     revoked boolean not null,
     n bigint not null
   )`,
  ...(['insert', 'update', 'delete'] as const).flatMap((event) => [
    `create function api_key_tally_${event}() returns trigger language plpgsql as $$
     begin
       insert into api_key_tally
       select environment, kind, enabled, revoked, sum(n) from (${TALLIED[event]}) changed
       group by 1, 2, 3, 4 having sum(n) <> 0;
       return null;
     end $$`,
    `create trigger api_key_tally_${event} after ${event} on api_key ${TALLY_EVENTS[event]}
     for each statement execute function api_key_tally_${event}()`,
  ]),
];

/** Keys, their grants, their running totals, and the memory of idempotent calls. */
export const keysUp: readonly string[] = [
  `create extension if not exists pg_trgm`,
  `create sequence record_version`,
  `create table api_key (
     id text collate "C" primary key,
     name text not null,
     name_folded text collate "C" not null,
     description text,
     kind text not null check (kind in ('BEARER', 'SIGNED')),
     signature_profiles text[] not null default '{}',
     environment text not null check (environment in ('PRODUCTION', 'STAGING', 'DEVELOPMENT')),
     enabled boolean not null,
     locked boolean not null,
     rate_limits jsonb not null default '[]',
     allowed_cidrs text[] not null default '{}',
     metadata jsonb not null default '{}',
     expires_at timestamptz,
     created_at timestamptz not null,
     created_by_kind text not null,
     created_by_id text collate "C",
     created_by_name text collate "C" not null,
     updated_at timestamptz not null,
     revoked_at timestamptz,
     revoked_by_kind text,
     revoked_by_id text collate "C",
     revoked_by_name text,
     revoked_reason text,
     public_part text collate "C" not null,
     masked_secret text not null,
     tail text collate "C" not null,
     secret_digest bytea,
     revoked_fingerprint bytea,
     pepper_id integer not null,
     secret_version integer not null default 1,
     previous_public_part text collate "C",
     previous_digest bytea,
     overlap_ends_at timestamptz,
     version bigint not null default nextval('record_version'),
     constraint api_key_credential_erased check (
       (revoked_at is null and length(secret_digest) = 32 and revoked_fingerprint is null)
       or (revoked_at is not null and secret_digest is null and previous_digest is null and length(revoked_fingerprint) = 16)),
     constraint api_key_overlap_whole check (
       (previous_public_part is null) = (previous_digest is null) and (previous_digest is null) = (overlap_ends_at is null))
   )`,
  `create unique index api_key_name_unique on api_key (name_folded) where revoked_at is null`,
  `create unique index api_key_public_part_unique on api_key (public_part)`,
  `create unique index api_key_previous_public_part_unique on api_key (previous_public_part)`,
  `create index api_key_search on api_key using gin
     ((lower(name) || ' ' || lower(coalesce(description, ''))) gin_trgm_ops)`,
  `create index api_key_tail on api_key (tail)`,
  `create index api_key_by_name on api_key (name_folded, id)`,
  `create index api_key_by_created on api_key (created_at, id)`,
  `create index api_key_by_modified on api_key (updated_at, id)`,
  `create index api_key_by_expires on api_key ((coalesce(expires_at, 'infinity')), id)`,
  `create index api_key_by_creator on api_key (created_by_name, id)`,
  `create index api_key_expiring on api_key (expires_at, environment, kind, enabled)
     where revoked_at is null and expires_at is not null`,

  `create function api_key_guard() returns trigger language plpgsql as $$
   begin
     if old.revoked_at is not null then
       raise exception 'a revoked key cannot change' using constraint = 'api_key_revoked_is_terminal', errcode = '23514';
     end if;
     if new.environment <> old.environment or new.kind <> old.kind or new.created_at <> old.created_at then
       raise exception 'environment, kind and creation of a key are fixed' using constraint = 'api_key_fixed', errcode = '23514';
     end if;
     new.version := nextval('record_version');
     return new;
   end $$`,
  `create trigger api_key_guard before update on api_key for each row execute function api_key_guard()`,

  ...TALLY,

  `create table api_key_grant (
     api_key_id text collate "C" not null references api_key on delete cascade,
     position integer not null,
     scope_id text collate "C" not null references scope,
     role_id text collate "C" references role,
     permissions text[] not null default '{}',
     primary key (api_key_id, position)
   )`,
  `create index api_key_grant_role on api_key_grant (role_id) where role_id is not null`,
  `create index api_key_grant_permissions on api_key_grant using gin (permissions)`,

  `create table api_key_usage (
     api_key_id text collate "C" primary key references api_key on delete cascade,
     total bigint not null default 0,
     last_used_at timestamptz,
     previous_secret_last_used_at timestamptz
   )`,
  `create index api_key_usage_by_total on api_key_usage (total, api_key_id)`,
  `create index api_key_usage_by_last_used on api_key_usage ((coalesce(last_used_at, '-infinity')), api_key_id)`,

  `create table idempotent_call (
     actor_id text collate "C" not null,
     operation text not null,
     idempotency_key text collate "C" not null,
     api_key_id text collate "C" not null,
     at timestamptz not null,
     primary key (actor_id, operation, idempotency_key)
   )`,
  `create index idempotent_call_at on idempotent_call (at)`,
];

/** Undoes {@link keysUp}. */
export const keysDown: readonly string[] = [
  `drop table idempotent_call`,
  `drop table api_key_usage`,
  `drop table api_key_grant`,
  `drop table api_key`,
  `drop table api_key_tally`,
  ...['insert', 'update', 'delete'].map((event) => `drop function api_key_tally_${event}`),
  `drop function api_key_guard`,
  `drop sequence record_version`,
];
