import type { GrantFieldsFragment } from '../gql/graphql.js';
import { permissionsSummary } from './permissions.js';
import type { GrantDraft } from './grants.js';
import { ROOT_NAME, scopeName, scopePathText } from './scopes.js';

/** One grant in a few words, such as `Operator at Acme`; the whole installation goes without saying. */
export function grantWords(grant: GrantFieldsFragment, labels: ReadonlyMap<string, string>): string {
  const what = grant.role?.name ?? permissionsSummary(grant.permissions, labels);
  return grant.scope.kind === 'ROOT' ? what : `${what} at ${scopeName(grant.scope)}`;
}

/** All grants in one line for a narrow column, such as `Operator at Acme +2`. */
export function grantsSummary(
  grants: readonly GrantFieldsFragment[],
  labels: ReadonlyMap<string, string>,
): string {
  const [first, ...rest] = grants;
  if (!first) return 'None';
  return rest.length ? `${grantWords(first, labels)} +${rest.length}` : grantWords(first, labels);
}

/** What names in grants are called. */
export interface GrantNames {
  readonly roles: readonly { readonly id: string; readonly name: string }[];
  /** Labels of permissions. */
  readonly labels: ReadonlyMap<string, string>;
}

/** Each role and each permission of the rows of a form in a line of its own, with where it holds. */
export const grantLines = (drafts: readonly GrantDraft[], { roles, labels }: GrantNames): string[] =>
  drafts.flatMap(({ source, roleId, permissions, scope }) => {
    const names =
      source === 'role'
        ? [roles.find(({ id }) => id === roleId)?.name ?? roleId]
        : permissions.map((name) => labels.get(name) ?? name);
    return names.map((name) => `${name} at ${scope ? scopePathText(scope) : ROOT_NAME}`);
  });
