import type { GrantFieldsFragment } from '../gql/graphql.js';
import { permissionsSummary } from './permissions.js';
import type { GrantDraft } from './grants.js';
import { ROOT_NAME, scopeName, scopePathText } from './scopes.js';

/** A short form of one grant, such as `Operator at Acme`; the root scope is omitted. */
export function grantWords(grant: GrantFieldsFragment, labels: ReadonlyMap<string, string>): string {
  const what = grant.role?.name ?? permissionsSummary(grant.permissions, labels);
  return grant.scope.kind === 'ROOT' ? what : `${what} at ${scopeName(grant.scope)}`;
}

/** All grants on one line for a narrow column, such as `Operator at Acme +2`. */
export function grantsSummary(
  grants: readonly GrantFieldsFragment[],
  labels: ReadonlyMap<string, string>,
): string {
  const [first, ...rest] = grants;
  if (!first) return 'None';
  return rest.length ? `${grantWords(first, labels)} +${rest.length}` : grantWords(first, labels);
}

/** Labels of the names in grants. */
export interface GrantNames {
  readonly roles: readonly { readonly id: string; readonly name: string }[];
  /** Labels of permissions. */
  readonly labels: ReadonlyMap<string, string>;
}

/** One line for each role and permission in the rows of a form, with its scope. */
export const grantLines = (drafts: readonly GrantDraft[], { roles, labels }: GrantNames): string[] =>
  drafts.flatMap(({ source, roleId, permissions, scope }) => {
    const names =
      source === 'role'
        ? [roles.find(({ id }) => id === roleId)?.name ?? roleId]
        : permissions.map((name) => labels.get(name) ?? name);
    return names.map((name) => `${name} at ${scope ? scopePathText(scope) : ROOT_NAME}`);
  });
