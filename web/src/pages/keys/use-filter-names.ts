import { computed, type MaybeRefOrGetter, toValue } from 'vue';
import { useQuery } from '../../apollo/use-query.js';
import type { ScopeChoice } from '../../lib/scopes.js';
import type { ServiceAccountChoice } from '../../lib/service-accounts.js';
import type { ListState } from './list-state.js';
import { FilterNamesQuery } from '../../operations/keys.js';

/** The objects for the ids in the URL, if loaded. */
export interface FilterNames {
  account: ServiceAccountChoice | null;
  scope: ScopeChoice | null;
}

/** The service account and scope that the list is filtered by; the URL contains only their ids. */
export function useFilterNames(state: MaybeRefOrGetter<ListState>) {
  const ids = computed(() => ({ account: toValue(state).account, scope: toValue(state).within }));
  const { data } = useQuery(
    FilterNamesQuery,
    () => ({ ...ids.value, withAccount: ids.value.account !== '', withScope: ids.value.scope !== '' }),
    { enabled: () => Boolean(ids.value.account || ids.value.scope), fetchPolicy: 'cache-first' },
  );
  // Ignore results for other ids.
  const account = computed(() => {
    const found = data.value?.serviceAccount;
    return found && found.id === ids.value.account ? found : null;
  });
  const scope = computed(() => {
    const found = data.value?.scope;
    return found && found.id === ids.value.scope ? found : null;
  });
  return computed<FilterNames>(() => ({ account: account.value, scope: scope.value }));
}
