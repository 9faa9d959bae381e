import type { GrantFieldsFragment, GrantInput } from '../gql/graphql.js';
import type { ScopeChoice } from './scopes.js';

/** A grant being edited: a role or permissions, at a scope; no scope means the whole installation. */
export interface GrantDraft {
  /** Local id of the row; never sent. */
  id: number;
  source: 'role' | 'permissions';
  roleId: string;
  permissions: string[];
  scope: ScopeChoice | null;
}

/** Errors by field: `grants` for all rows, `grants.0` for the first row, and so on. */
export type GrantErrors = Readonly<Record<string, string>>;

let lastId = 0;

/** A new row without a role. */
export function newGrant(scope: ScopeChoice | null = null): GrantDraft {
  lastId += 1;
  return { id: lastId, source: 'role', roleId: '', permissions: [], scope };
}

/** The form rows of existing grants. */
export function draftsOf(grants: readonly GrantFieldsFragment[]): GrantDraft[] {
  return grants.map(({ role, permissions, scope }) => ({
    ...newGrant(scope.kind === 'ROOT' ? null : scope),
    source: role ? 'role' : 'permissions',
    roleId: role?.id ?? '',
    permissions: role ? [] : [...permissions],
  }));
}

/** The input for the rows of a form. */
export function toGrantInputs(drafts: readonly GrantDraft[]): GrantInput[] {
  return drafts.map(({ source, roleId, permissions, scope }) => ({
    ...(source === 'role' ? { roleId } : { permissions }),
    ...(scope ? { scopeId: scope.id } : {}),
  }));
}

function problemOf({ source, roleId, permissions, scope }: GrantDraft, mayUseRoot: boolean): string | null {
  if (source === 'role' && !roleId) return 'Choose a role or individual permissions.';
  if (source === 'permissions' && !permissions.length)
    return 'Choose at least one permission, or remove this row.';
  return scope || mayUseRoot ? null : 'Choose a scope.';
}

/** Validates the rows before sending. Only users with a grant at the root can grant there. */
export function checkGrants(drafts: readonly GrantDraft[], mayUseRoot: boolean): Record<string, string> {
  const errors: Record<string, string> = {};
  drafts.forEach((draft, index) => {
    const problem = problemOf(draft, mayUseRoot);
    if (problem) errors[`grants.${index}`] = problem;
  });
  return errors;
}

/** The form field for a server error about grants; null if it is about something else. */
export function grantPlace(path: string): string | null {
  const dotted = path.replaceAll(/\[(\d+)\]/g, '.$1');
  const row = /^grants\.(\d+)/.exec(dotted);
  if (row) return `grants.${row[1]}`;
  return /^grants\b/.test(dotted) ? 'grants' : null;
}
