import type { GrantFieldsFragment } from '../gql/graphql.js';
import { permissionsSummary } from './permissions.js';
import { scopeName } from './scopes.js';

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
