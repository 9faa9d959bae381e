import { MAX_NAME, MAX_SHORT_DESCRIPTION } from '@keywright/schema/bounds';
import { AppError, badInput, notFound, type FieldError } from '../../../core/errors.js';
import { faultOfDescription, faultOfName } from '../../../core/description.js';
import { requireVersion, type ExpectedVersion } from '../../../core/expected-version.js';
import type { PermissionEntry } from '../decide/access-store.postgres.js';
import { isPermissionPattern } from '../decide/permission.js';
import { requireAt, type Principal } from '../decide/principal.js';
import type { ChangeRunner } from '../../audit/change-runner.js';
import { ROOT_SCOPE } from '../../scopes/tree/scope.js';
import { describeHolders, holdersSql, type Holder } from './role-store.postgres.js';

/** A requested entry of the catalog. */
export interface SavePermissionRequest {
  readonly name: string;
  readonly label: string;
  readonly group: string;
  readonly description?: string | null;
}

/** Selects an entry by name. */
const SELECT = `select name, label, group_name as "group", description, built_in as "builtIn", edit_version as "version" from permission where name = $1`;

/** Every change of the catalog also changes the roles that cover it; concurrent changes would deadlock there. */
const ONE_AT_A_TIME = 'lock table permission in share row exclusive mode';

/** Edits the permission catalog; needs keywright.access.manage at the root. */
export class PermissionService {
  constructor(private readonly changes: ChangeRunner) {}

  /**
   * Creates or updates the entry with this name; version 0 requires that none exists. Errors: FORBIDDEN,
   * BAD_USER_INPUT, CONFLICT.
   */
  save(by: Principal, request: SavePermissionRequest, expected?: ExpectedVersion): Promise<PermissionEntry> {
    requireAt(by, 'keywright.access.manage', ROOT_SCOPE.id);
    const entry = checked(request);
    return this.changes.apply(by, async (manager) => {
      await manager.query(ONE_AT_A_TIME);
      const [before] = (await manager.query(`${SELECT} for update`, [entry.name])) as [PermissionEntry?];
      if (before?.builtIn) throw new AppError('FORBIDDEN', 'Built-in permissions cannot be changed.');
      requireVersion(before?.version ?? 0, expected);
      const [after] = (await manager.query(
        `insert into permission (name, label, group_name, description, position)
         values ($1, $2, $3, $4, (select coalesce(max(position), 0) + 1 from permission where not built_in))
         on conflict (name) do update set label = excluded.label, group_name = excluded.group_name,
           description = excluded.description where not permission.built_in
         returning edit_version as version`,
        [entry.name, entry.label, entry.group, entry.description],
      )) as [{ version: number }];
      const value = { ...entry, ...after };
      const changes = Object.fromEntries(
        (['label', 'group', 'description'] as const)
          .filter((member) => before?.[member] !== entry[member])
          .map((member) => [member, { before: before?.[member] ?? null, after: entry[member] }]),
      );
      if (before && Object.keys(changes).length === 0) return { value, noted: null };
      const action = before ? 'permission.update' : 'permission.create';
      return { value, noted: { ...target(entry.name), action, changes } };
    });
  }

  /** Errors: FORBIDDEN, NOT_FOUND, CONFLICT, which names the holders. */
  delete(by: Principal, name: string): Promise<boolean> {
    requireAt(by, 'keywright.access.manage', ROOT_SCOPE.id);
    if (!isPermissionPattern(name)) throw notFound();
    return this.changes.apply(by, async (manager) => {
      await manager.query(ONE_AT_A_TIME);
      const [entry] = (await manager.query(`${SELECT} for update`, [name])) as [PermissionEntry?];
      if (!entry) throw notFound();
      if (entry.builtIn) throw new AppError('FORBIDDEN', 'Built-in permissions cannot be deleted.');
      const holders: Holder[] = await manager.query(
        `select 'role' as kind, name from role where not covers_catalogue and $1 = any(permissions)
         union all select 'route rule', method || ' ' || path_pattern from route_rule where permission = $1
         union all ${holdersSql('$1 = any(g.permissions)')} order by 1, 2`,
        [name],
      );
      if (holders.length > 0) {
        throw new AppError('CONFLICT', `This permission is in use by ${describeHolders(holders)}.`);
      }
      await manager.query('delete from permission where name = $1', [name]);
      const changes = { label: { before: entry.label, after: null } };
      return { value: true, noted: { ...target(name), action: 'permission.delete', changes } };
    });
  }
}

const target = (name: string) => ({
  targetType: 'Permission' as const,
  targetId: name,
  targetName: name,
  scopeIds: [],
});

function checked(request: SavePermissionRequest): Omit<PermissionEntry, 'version'> {
  const faults: FieldError[] = [];
  const { name } = request;
  if (!isPermissionPattern(name) || name.endsWith('*')) {
    const message =
      'A permission name is one or more lowercase words joined by underscores or dots, such as invoice.read or view_invoice.';
    faults.push({ path: 'name', message });
  } else if (name === 'keywright' || name.startsWith('keywright.')) {
    faults.push({ path: 'name', message: 'Names that start with keywright are reserved. Choose another.' });
  }
  const line = (path: 'label' | 'group'): string => {
    const text = request[path].trim();
    const fault = faultOfName(text, MAX_NAME);
    if (fault !== undefined) faults.push({ path, message: fault });
    return text;
  };
  const description = request.description?.trim() ?? '';
  const fault = faultOfDescription(description, MAX_SHORT_DESCRIPTION);
  if (fault !== undefined) faults.push({ path: 'description', message: fault });
  const entry = { name, label: line('label'), group: line('group'), description, builtIn: false };
  if (faults.length > 0) throw badInput(faults);
  return entry;
}
