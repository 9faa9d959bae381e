import { noteChangesOf } from './note-change.js';

/** Service accounts and what they hold. */
export const serviceAccountsUp: readonly string[] = [
  `create table service_account (
     id text collate "C" primary key,
     name text not null,
     name_folded text collate "C" not null,
     description text,
     scope_id text collate "C" not null references scope,
     enabled boolean not null default true,
     created_at timestamptz not null,
     created_by_kind text not null,
     created_by_id text collate "C",
     created_by_name text not null
   )`,
  `create unique index service_account_name_unique on service_account (scope_id, name_folded)`,
  `create index service_account_by_name on service_account (name_folded, id)`,
  `create index service_account_search on service_account using gin
     ((lower(name) || ' ' || lower(coalesce(description, ''))) gin_trgm_ops)`,
  `create table service_account_grant (
     service_account_id text collate "C" not null references service_account on delete cascade,
     position integer not null,
     scope_id text collate "C" not null references scope,
     role_id text collate "C" references role,
     permissions text[] not null default '{}',
     primary key (service_account_id, position)
   )`,
  `create index service_account_grant_scope on service_account_grant (scope_id)`,
  `create index service_account_grant_role on service_account_grant (role_id) where role_id is not null`,
  `create index service_account_grant_permissions on service_account_grant using gin (permissions)`,
  ...noteChangesOf('service_account', 'service_account', 'id'),
  ...noteChangesOf('service_account_grant', 'service_account', 'service_account_id'),
];

/** Undoes {@link serviceAccountsUp}. */
export const serviceAccountsDown: readonly string[] = [
  `drop table service_account_grant`,
  `drop table service_account`,
  `drop function service_account_note_change`,
  `drop function service_account_grant_note_change`,
];
