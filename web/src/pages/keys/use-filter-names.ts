import { computed, type MaybeRefOrGetter, toValue } from 'vue';
import { useQuery } from '../../apollo/use-query.js';
import type { ScopeChoice } from '../../lib/scopes.js';
import type { ServiceAccountChoice } from '../../lib/service-accounts.js';
import type { ListState } from './list-state.js';
import { FilterNamesQuery } from '../../operations/keys.js';

/** What the ids in the address stand for, as far as it is known. */
export interface FilterNames {
  account: ServiceAccountChoice | null;
  scope: ScopeChoice | null;
}

/** The service account and the scope that the list is narrowed to; the address only knows their ids. */
export function useFilterNames(state: MaybeRefOrGetter<ListState>) {
  const ids = computed(() => ({ account: toValue(state).account, scope: toValue(state).within }));
  const { data } = useQuery(
    FilterNamesQuery,
    () => ({ ...ids.value, withAccount: ids.value.account !== '', withScope: ids.value.scope !== '' }),
    { enabled: () => Boolean(ids.value.account || ids.value.scope), fetchPolicy: 'cache-first' },
  );
  // What was read for another choice says nothing of this one.
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
