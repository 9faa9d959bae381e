import type { GrantFieldsFragment, GrantInput } from '../gql/graphql.js';
import type { ScopeChoice } from './scopes.js';

/** One grant as it is being chosen: a role or permissions, at a scope; no scope stands for the whole installation. */
export interface GrantDraft {
  /** Tells the rows of a form apart; never sent. */
  id: number;
  source: 'role' | 'permissions';
  roleId: string;
  permissions: string[];
  scope: ScopeChoice | null;
}

/** Complaints by place: `grants` for all of them, `grants.0` for the first row, and so on. */
export type GrantErrors = Readonly<Record<string, string>>;

let lastId = 0;

/** A row to start from: a role that is still to be chosen. */
export function newGrant(scope: ScopeChoice | null = null): GrantDraft {
  lastId += 1;
  return { id: lastId, source: 'role', roleId: '', permissions: [], scope };
}

/** The rows of a form for the grants that somebody holds. */
export function draftsOf(grants: readonly GrantFieldsFragment[]): GrantDraft[] {
  return grants.map(({ role, permissions, scope }) => ({
    ...newGrant(scope.kind === 'ROOT' ? null : scope),
    source: role ? 'role' : 'permissions',
    roleId: role?.id ?? '',
    permissions: role ? [] : [...permissions],
  }));
}

/** What is sent for the rows of a form. */
export function toGrantInputs(drafts: readonly GrantDraft[]): GrantInput[] {
  return drafts.map(({ source, roleId, permissions, scope }) => ({
    ...(source === 'role' ? { roleId } : { permissions }),
    ...(scope ? { scopeId: scope.id } : {}),
  }));
}

function problemOf({ source, roleId, permissions, scope }: GrantDraft, mayUseRoot: boolean): string | null {
  if (source === 'role' && !roleId) return 'Choose a role, or permissions one by one.';
  if (source === 'permissions' && !permissions.length)
    return 'Choose at least one permission, or remove this row.';
  return scope || mayUseRoot ? null : 'Choose where it holds.';
}

/** What is wrong with the rows before they are sent. Only who holds something at the root can grant there. */
export function checkGrants(drafts: readonly GrantDraft[], mayUseRoot: boolean): Record<string, string> {
  const errors: Record<string, string> = {};
  drafts.forEach((draft, index) => {
    const problem = problemOf(draft, mayUseRoot);
    if (problem) errors[`grants.${index}`] = problem;
  });
  return errors;
}

/** Where the form shows a complaint of the server about grants, or null when it is about something else. */
export function grantPlace(path: string): string | null {
  const dotted = path.replaceAll(/\[(\d+)\]/g, '.$1');
  const row = /^grants\.(\d+)/.exec(dotted);
  if (row) return `grants.${row[1]}`;
  return /^grants\b/.test(dotted) ? 'grants' : null;
}
