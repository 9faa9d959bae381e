import type { ScopeKind } from '../../../gql/graphql.js';
import { capitalized, CHILD_KINDS, SCOPE_KINDS } from '../../../lib/scopes.js';

/** The columns of a list of scopes of one kind; without a kind, of several. */
export function scopeColumns(kind: ScopeKind | undefined) {
  const below = kind ? CHILD_KINDS[kind] : null;
  return [
    ...(kind ? [] : [{ id: 'kind', label: 'Kind' }]),
    ...(below ? [{ id: 'children', label: capitalized(SCOPE_KINDS[below].many) }] : []),
    { id: 'serviceAccounts', label: 'Service accounts' },
    { id: 'keys', label: 'Keys' },
    ...(kind === 'CUSTOMER' ? [{ id: 'joined', label: 'Joined' }] : []),
    ...(kind === 'ACCOUNT' ? [{ id: 'created', label: 'Created' }] : [{ id: 'api', label: 'API' }]),
  ];
}
