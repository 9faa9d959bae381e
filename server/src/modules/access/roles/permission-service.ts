import { MAX_NAME, MAX_SHORT_DESCRIPTION } from '@keywright/schema/bounds';
import { AppError, badInput, notFound, type FieldError } from '../../../core/errors.js';
import { faultOfDescription, faultOfName } from '../../../core/description.js';
import { requireVersion, type ExpectedVersion } from '../../../core/expected-version.js';
import type { PermissionEntry } from '../decide/access-store.postgres.js';
import { isPermissionPattern } from '../decide/permission.js';
import { requireAt, type Principal } from '../decide/principal.js';
import type { Changes } from '../../events/changes.js';
import { ROOT_SCOPE } from '../../scopes/tree/scope.js';
import { domainEvent, type Subject } from '../../events/domain-event.js';
import { anyChanged, differences, initialValues } from '../../events/field-changes.js';
import type { PermissionStore } from './permission-store.postgres.js';
import { describeHolders } from './role-store.postgres.js';

/** A requested entry of the catalog. */
export interface SavePermissionRequest {
  readonly name: string;
  readonly label: string;
  readonly group: string;
  readonly description?: string | null;
}

/** Edits the permission catalog; needs keywright.access.manage at the root. */
export class PermissionService {
  constructor(
    private readonly changes: Changes,
    private readonly store: PermissionStore,
  ) {}

  /**
   * Creates or updates the entry with this name; version 0 requires that none exists. Errors: FORBIDDEN,
   * BAD_USER_INPUT, CONFLICT.
   */
  save(by: Principal, request: SavePermissionRequest, expected?: ExpectedVersion): Promise<PermissionEntry> {
    requireAt(by, 'keywright.access.manage', ROOT_SCOPE.id);
    const entry = checked(request);
    return this.changes.apply(by, async (tx) => {
      const before = await this.store.lock(tx, entry.name);
      if (before?.builtIn) throw new AppError('FORBIDDEN', 'Built-in permissions cannot be changed.');
      requireVersion(before?.version ?? 0, expected);
      const value = { ...entry, version: await this.store.save(tx, entry) };
      const about = subject(entry.name);
      if (!before) {
        return { value, events: [domainEvent('permission.created', about, initialValues(shown(entry)))] };
      }
      const changes = differences(shown(before), shown(entry));
      return {
        value,
        events: anyChanged(changes) ? [domainEvent('permission.updated', about, changes)] : [],
      };
    });
  }

  /** Errors: FORBIDDEN, NOT_FOUND, CONFLICT, which names the holders. */
  delete(by: Principal, name: string): Promise<boolean> {
    requireAt(by, 'keywright.access.manage', ROOT_SCOPE.id);
    if (!isPermissionPattern(name)) throw notFound();
    return this.changes.apply(by, async (tx) => {
      const entry = await this.store.lock(tx, name);
      if (!entry) throw notFound();
      if (entry.builtIn) throw new AppError('FORBIDDEN', 'Built-in permissions cannot be deleted.');
      const holders = await this.store.holders(tx, name);
      if (holders.length > 0) {
        throw new AppError('CONFLICT', `This permission is in use by ${describeHolders(holders)}.`);
      }
      await this.store.delete(tx, name);
      const changes = { label: { before: entry.label, after: null } };
      return { value: true, events: [domainEvent('permission.deleted', subject(name), changes)] };
    });
  }
}

const subject = (name: string): Subject => ({ type: 'Permission', id: name, name });

const shown = ({ label, group, description }: Omit<PermissionEntry, 'version'>) => ({
  label,
  group,
  description,
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
