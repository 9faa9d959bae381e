interface BuiltInRole {
  readonly name: string;
  readonly description: string;
  /** Of Keywright's own. */
  readonly permissions: readonly string[];
  /** Whether it holds every permission of the protected APIs as well, so that its holders can grant them. */
  readonly catalogue: boolean;
}

const KEYS = ['keywright.keys.read', 'keywright.keys.write', 'keywright.keys.revoke', 'keywright.verify'];
const WATCH = ['keywright.logs.read', 'keywright.usage.read'];
const ADMINISTER = [
  ...KEYS,
  ...WATCH,
  'keywright.audit.read',
  'keywright.access.manage',
  'keywright.users.manage',
];

/** Owner was there before, as number 0. */
const BUILT_IN: readonly BuiltInRole[] = [
  {
    name: 'Admin',
    description: 'Manages everything below its scope: keys, users, access, settings.',
    permissions: ['keywright.*'],
    catalogue: true,
  },
  {
    name: 'Operator',
    description: 'Issues, changes and revokes keys, and watches them.',
    permissions: [...KEYS, ...WATCH, 'keywright.jobs.manage'],
    catalogue: true,
  },
  {
    name: 'Auditor',
    description: 'Reads everything, the audit log too, and changes nothing.',
    permissions: ['keywright.keys.read', ...WATCH, 'keywright.audit.read'],
    catalogue: false,
  },
  {
    name: 'Viewer',
    description: 'Sees keys and their usage.',
    permissions: ['keywright.keys.read', 'keywright.usage.read'],
    catalogue: false,
  },
  {
    name: 'Customer Administrator',
    description: 'Manages a customer with all its organizations and accounts.',
    permissions: ADMINISTER,
    catalogue: true,
  },
  {
    name: 'Organization Administrator',
    description: 'Manages an organization with all its accounts.',
    permissions: ADMINISTER,
    catalogue: true,
  },
  {
    name: 'Account Administrator',
    description: 'Manages an account.',
    permissions: ADMINISTER,
    catalogue: true,
  },
  {
    name: 'Limited Administrator',
    description: 'Issues and changes keys, without revoking them and without managing users or access.',
    permissions: ['keywright.keys.read', 'keywright.keys.write', ...WATCH],
    catalogue: true,
  },
  {
    name: 'Analytics',
    description: 'Reads usage and request logs.',
    permissions: ['keywright.keys.read', ...WATCH],
    catalogue: false,
  },
  {
    name: 'Security Administrator',
    description: 'Reads logs and audit, revokes keys, and manages users.',
    permissions: [
      'keywright.keys.read',
      'keywright.keys.revoke',
      ...WATCH,
      'keywright.audit.read',
      'keywright.users.manage',
    ],
    catalogue: false,
  },
];

const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const idOf = (index: number): string => `rol_${(index + 1).toString().padStart(26, '0')}`;

/** Built-in roles. Those that cover the catalogue grow and shrink with it, by triggers. */
export const rolesUp: readonly string[] = [
  `alter table role add column covers_catalogue boolean not null default false,
     add constraint role_built_in check (built_in or not covers_catalogue)`,
  // A role of one's own that has such a name already keeps it, with a mark.
  `update role set name = name || ' (own)' where lower(name) in (${BUILT_IN.map(({ name }) => quote(name.toLowerCase())).join(', ')})`,
  `insert into role (id, name, description, permissions, built_in, covers_catalogue)
   select r.id, r.name, r.description,
     r.permissions || case when r.catalogue then array(select name from permission where not built_in order by name) else '{}' end,
     true, r.catalogue
   from (values ${BUILT_IN.map(
     ({ name, description, permissions, catalogue }, i) =>
       `(${quote(idOf(i))}, ${quote(name)}, ${quote(description)}, array[${permissions.map(quote).join(', ')}], ${catalogue})`,
   ).join(', ')}) r(id, name, description, permissions, catalogue)`,
  `create function permission_into_roles() returns trigger language plpgsql as $$
   begin
     if tg_op = 'INSERT' then
       update role set permissions = permissions || new.name where covers_catalogue and not new.name = any(permissions);
     else
       update role set permissions = array_remove(permissions, old.name) where covers_catalogue;
     end if;
     return null;
   end $$`,
  `create trigger permission_into_roles after insert or delete on permission
   for each row execute function permission_into_roles()`,
  `create index user_grant_role on user_grant (role_id) where role_id is not null`,
  `create index user_grant_scope on user_grant (scope_id)`,
];

/** Undoes {@link rolesUp}. */
export const rolesDown: readonly string[] = [
  `drop index user_grant_scope`,
  `drop index user_grant_role`,
  `drop trigger permission_into_roles on permission`,
  `drop function permission_into_roles`,
  `delete from user_grant where role_id in (select id from role where built_in and name <> 'Owner')`,
  `delete from api_key_grant where role_id in (select id from role where built_in and name <> 'Owner')`,
  `delete from role where built_in and name <> 'Owner'`,
  `alter table role drop constraint role_built_in, drop column covers_catalogue`,
];
