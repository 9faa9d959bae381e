import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Columns that people edit, by table: a change of one of them is a new version of the row. */
const EDITED: Readonly<Record<string, readonly string[]>> = {
  api_key: [
    'name',
    'description',
    'signature_profiles',
    'enabled',
    'locked',
    'rate_limits',
    'quotas',
    'allowed_cidrs',
    'metadata',
    'expires_at',
    'scope_id',
    'service_account_id',
    'narrowed',
    'secret_version',
    'revoked_at',
  ],
  service_account: ['name', 'description', 'enabled', 'scope_id'],
  role: ['name', 'description', 'permissions'],
  scope: ['name', 'email', 'joined_on', 'parent_id', 'api_enabled', 'maximum_keys'],
  app_user: ['name', 'email', 'enabled'],
  route_rule: [
    'environments',
    'method',
    'path_pattern',
    'access',
    'permission',
    'scope_parameter',
    'description',
  ],
  permission: ['label', 'group_name', 'description'],
};

/** Beyond that: a previous secret that is ended early. Upkeep erases those that are over, which changes nothing for anyone. */
const OVERLAP_ENDED =
  'new.overlap_ends_at is distinct from old.overlap_ends_at and old.overlap_ends_at > now()';

const differs = (columns: readonly string[]): string =>
  `(${columns.map((name) => `new.${name}`).join(', ')}) is distinct from (${columns.map((name) => `old.${name}`).join(', ')})`;

function countEdits(table: string, columns: readonly string[]): readonly string[] {
  // A revoked key stays as it is, but for where its tombstone lies.
  const edited =
    table === 'api_key'
      ? `old.revoked_at is null and (${differs(columns)} or ${OVERLAP_ENDED})`
      : differs(columns);
  return [
    `alter table ${table} add column edit_version integer not null default 1`,
    `create trigger ${table}_edit_version before update on ${table} for each row when (${edited})
     execute function ${table === 'permission' ? 'next_permission_version' : 'next_edit_version'}()`,
  ];
}

/** Tables of grants: a change there is a new version of their holder. What an identity provider's groups bring is not edited here. */
const GRANTS = [
  { table: 'api_key_grant', holder: 'api_key', id: 'api_key_id', where: 'holder.revoked_at is null' },
  { table: 'service_account_grant', holder: 'service_account', id: 'service_account_id', where: 'true' },
  { table: 'user_grant', holder: 'app_user', id: 'user_id', where: `changed.source = 'LOCAL'` },
] as const;

const EVENTS = { insert: 'new', update: 'new', delete: 'old' } as const;

const countGrants = ({ table, holder, id, where }: (typeof GRANTS)[number]): readonly string[] => [
  `create function ${table}_edit_version() returns trigger language plpgsql as $$
   begin
     update ${holder} holder set edit_version = holder.edit_version + 1
     where exists (select from changed where changed.${id} = holder.id and ${where});
     return null;
   end $$`,
  ...Object.entries(EVENTS).map(
    ([event, rows]) =>
      `create trigger ${table}_edit_version_${event} after ${event} on ${table}
       referencing ${rows} table as changed for each statement execute function ${table}_edit_version()`,
  ),
];

const UP = [
  `create function next_edit_version() returns trigger language plpgsql as $$
   begin
     new.edit_version := old.edit_version + 1;
     return new;
   end $$`,
  // Names of permissions come back after they were deleted; their versions do not.
  `create sequence permission_version as integer start 2`,
  `create function next_permission_version() returns trigger language plpgsql as $$
   begin
     new.edit_version := nextval('permission_version');
     return new;
   end $$`,
  ...Object.entries(EDITED).flatMap(([table, columns]) => countEdits(table, columns)),
  `alter table permission alter column edit_version set default nextval('permission_version')`,
  ...GRANTS.flatMap(countGrants),

  // A position means something only in the order that it was chosen in.
  `create table route_rule_order (single boolean primary key default true check (single), version integer not null)`,
  `insert into route_rule_order (version) values (0)`,
  `create function route_rule_order_version() returns trigger language plpgsql as $$
   begin
     if exists (select from before_rows b join after_rows a using (id) where a.position <> b.position) then
       update route_rule_order set version = version + 1;
     end if;
     return null;
   end $$`,
  `create trigger route_rule_order_version after update on route_rule
   referencing old table as before_rows new table as after_rows
   for each statement execute function route_rule_order_version()`,

  `alter table app_user add column preferences_version integer not null default 1`,
  `create function next_preferences_version() returns trigger language plpgsql as $$
   begin
     new.preferences_version := old.preferences_version + 1;
     return new;
   end $$`,
  `create trigger app_user_preferences_version before update on app_user for each row
   when (new.preferences is distinct from old.preferences) execute function next_preferences_version()`,
];

const DOWN = [
  `drop trigger app_user_preferences_version on app_user`,
  `drop function next_preferences_version`,
  `alter table app_user drop column preferences_version`,
  `drop trigger route_rule_order_version on route_rule`,
  `drop function route_rule_order_version`,
  `drop table route_rule_order`,
  ...GRANTS.flatMap(({ table }) => [
    ...Object.keys(EVENTS).map((event) => `drop trigger ${table}_edit_version_${event} on ${table}`),
    `drop function ${table}_edit_version`,
  ]),
  ...Object.keys(EDITED).flatMap((table) => [
    `drop trigger ${table}_edit_version on ${table}`,
    `alter table ${table} drop column edit_version`,
  ]),
  `drop function next_permission_version`,
  `drop sequence permission_version`,
  `drop function next_edit_version`,
];

/** A version of everything that people edit, counted by the database, so that processes of any release count along. */
export class EditVersions1796000490000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of UP) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const sql of DOWN) await runner.query(sql);
  }
}
