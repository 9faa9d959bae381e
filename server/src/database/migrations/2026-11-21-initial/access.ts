import {
  ADMIN_ENTRY,
  MANAGEMENT_PERMISSIONS,
  SEEDED_PERMISSIONS,
  type PermissionInfo,
} from '@keywright/schema/permissions';

const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`;

const seed = (builtIn: boolean, entries: readonly PermissionInfo[]): string =>
  `insert into permission (name, label, group_name, description, built_in, position) values ${entries
    .map(
      (p, i) =>
        `(${quote(p.name)}, ${quote(p.label)}, ${quote(p.group)}, ${quote(p.description)}, ${builtIn}, ${i})`,
    )
    .join(', ')}`;

/** Installation, scopes, the permission catalogue, roles, users and their sessions. */
export const accessUp = (): readonly string[] => [
  `create table installation (
     single boolean primary key default true check (single),
     id uuid not null default gen_random_uuid(),
     created_at timestamptz not null default now(),
     canary bytea,
     setup_token_hash bytea
   )`,
  `insert into installation default values`,

  `create table scope (
     id text collate "C" primary key,
     kind text not null check (kind in ('ROOT', 'CUSTOMER', 'ORGANIZATION', 'ACCOUNT')),
     name text not null,
     email text,
     parent_id text collate "C" references scope,
     api_enabled boolean not null default true,
     created_at timestamptz not null default now(),
     check ((kind = 'ROOT') = (parent_id is null))
   )`,
  `create unique index scope_one_root on scope (kind) where kind = 'ROOT'`,
  `create index scope_parent on scope (parent_id)`,
  `insert into scope (id, kind, name) values ('scp_00000000000000000000000000', 'ROOT', 'Installation')`,

  `create table permission (
     name text collate "C" primary key,
     label text not null,
     group_name text not null,
     description text not null default '',
     built_in boolean not null default false,
     position integer not null default 0
   )`,
  seed(false, SEEDED_PERMISSIONS),
  seed(true, [...MANAGEMENT_PERMISSIONS, ADMIN_ENTRY]),

  `create table role (
     id text collate "C" primary key,
     name text not null,
     description text,
     permissions text[] not null,
     built_in boolean not null default false
   )`,
  `create unique index role_name_unique on role (lower(name))`,
  `insert into role (id, name, description, permissions, built_in)
   values ('rol_00000000000000000000000000', 'Owner', 'May do everything, here and in every scope below.', '{*}', true)`,

  `create table app_user (
     id text collate "C" primary key,
     email text not null,
     email_folded text not null,
     name text not null,
     password_hash text not null,
     enabled boolean not null default true,
     preferences jsonb not null default '{}',
     created_at timestamptz not null default now(),
     last_sign_in_at timestamptz
   )`,
  `create unique index app_user_email_unique on app_user (email_folded)`,
  `create table user_grant (
     user_id text collate "C" not null references app_user on delete cascade,
     position integer not null,
     scope_id text collate "C" not null references scope,
     role_id text collate "C" references role,
     permissions text[] not null default '{}',
     primary key (user_id, position)
   )`,

  `create table session (
     id text collate "C" primary key,
     token_hash bytea not null,
     user_id text collate "C" not null references app_user on delete cascade,
     created_at timestamptz not null,
     last_seen_at timestamptz not null,
     expires_at timestamptz not null,
     ip text,
     user_agent text
   )`,
  `create unique index session_token_unique on session (token_hash)`,
  `create index session_by_user on session (user_id)`,
  `create index session_by_expiry on session (expires_at)`,

  `create table attempt (
     subject text collate "C" primary key,
     failures integer not null,
     window_ends_at timestamptz not null
   )`,
];

/** Undoes {@link accessUp}. */
export const accessDown: readonly string[] = [
  'attempt',
  'session',
  'user_grant',
  'app_user',
  'role',
  'permission',
  'scope',
  'installation',
].map((name) => `drop table ${name}`);
