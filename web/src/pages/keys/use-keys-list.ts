import { computed, ref, watch } from 'vue';
import { useDebounceFn } from '@vueuse/core';
import { useRoute, useRouter } from 'vue-router';
import { connection } from '../../apollo/connection.js';
import { useQuery } from '../../apollo/use-query.js';
import type { Paging } from '../../composables/paging.js';
import { useLiveKeys } from '../../composables/use-live-keys.js';
import type { ApiKeySortField } from '../../gql/graphql.js';
import { looksLikeToken } from '../../lib/token.js';
import { useSession } from '../../stores/session.js';
import { keyDialogs } from './key-dialogs.js';
import type { KeyListRow } from './key-row.js';
import { parseListState, toQuery, toVariables, withoutFilters, type ListState } from './list-state.js';
import { KeyCountsQuery, KeysQuery } from '../../operations/keys.js';

const PAGE_SIZE = 50;
/** How soon after a change the page is refetched, and how long a stream of changes can delay that. */
const RELOAD_DELAY = 300;
const RELOAD_DELAY_LIMIT = 2_000;
/** Ticks are deltas; the true counts are refetched at this interval. */
const RECONCILE_DELAY = 20_000;

/** The data of the keys page, all live: its state in the URL, the page of keys and the counts. */
export function useKeysList() {
  const route = useRoute();
  const router = useRouter();
  const session = useSession();

  // A pasted token is kept only here; everything else is in the URL.
  const tokenSearch = ref('');
  const state = computed<ListState>(() => {
    const parsed = parseListState(route.query);
    return tokenSearch.value ? { ...parsed, search: tokenSearch.value } : parsed;
  });

  function update(change: Partial<ListState>, mode: 'push' | 'replace' = 'replace'): void {
    const paging = 'after' in change || 'before' in change ? {} : { after: '', before: '' };
    const next = { ...state.value, ...paging, ...change };
    tokenSearch.value = looksLikeToken(next.search) ? next.search : '';
    void router[mode]({ name: 'keys', query: toQuery(next) });
  }

  const list = useQuery(
    KeysQuery,
    () => ({ ...toVariables(state.value, PAGE_SIZE), withUsage: session.seesUsage }),
    {
      enabled: () => route.name === 'keys',
      fetchPolicy: () => (tokenSearch.value ? 'no-cache' : 'cache-and-network'),
    },
  );
  const counts = useQuery(KeyCountsQuery, {});
  const rows = computed<KeyListRow[] | undefined>(() => list.data.value?.apiKeys.nodes);
  const ids = computed(() => rows.value?.map(({ id }) => id) ?? []);

  const reload = () => Promise.all([list.refetch(), counts.refetch()]);
  const reloadSoon = useDebounceFn(reload, RELOAD_DELAY, { maxWait: RELOAD_DELAY_LIMIT });
  const reconcile = useDebounceFn(list.refetch, RECONCILE_DELAY, { maxWait: RECONCILE_DELAY });

  useLiveKeys(() => (ids.value.length ? { apiKeyIds: ids.value } : null), {
    onTick: () => void (tokenSearch.value ? reloadSoon() : reconcile()),
    onChange: () => void reloadSoon(),
  });
  keyDialogs.onChanged(reloadSoon);
  watch(connection.reconnects, () => void reload());

  function sortBy(field: ApiKeySortField): void {
    const { sort } = state.value;
    const descendsFirst = field !== 'NAME' && field !== 'CREATED_BY' && field !== 'EXPIRES';
    const turned = sort.direction === 'ASC' ? 'DESC' : 'ASC';
    update({ sort: { field, direction: sort.field === field ? turned : descendsFirst ? 'DESC' : 'ASC' } });
  }

  const pageInfo = computed(() => list.data.value?.apiKeys.pageInfo);
  const paging: Paging = {
    search: computed(() => state.value.search),
    setSearch: (search) => update({ search }),
    hasPrevious: computed(() => pageInfo.value?.hasPreviousPage === true),
    next: (cursor) => update({ after: cursor ?? '', before: '' }, 'push'),
    previous: () => update({ before: pageInfo.value?.startCursor ?? '', after: '' }, 'push'),
  };
  return {
    query: { error: list.error, loading: list.loading, refetch: reload },
    paging,
    state,
    rows,
    counts: computed(() => counts.data.value?.apiKeyCounts),
    totalCount: computed(() => list.data.value?.apiKeys.totalCount),
    pageInfo,
    update,
    sortBy,
    clearFilters: () => update(withoutFilters(state.value)),
  };
}
