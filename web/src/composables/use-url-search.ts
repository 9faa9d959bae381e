import { computed } from 'vue';
import { useRoute, useRouter } from 'vue-router';
import type { Paging } from './paging.js';

/** The search text of a list, kept in the URL as `q`. */
export function useUrlSearch(): Paging {
  const route = useRoute();
  const router = useRouter();
  const search = computed(() => (typeof route.query['q'] === 'string' ? route.query['q'] : ''));

  function setSearch(text: string): void {
    const { q: _, ...others } = route.query;
    void router.replace({ query: text.trim() ? { ...others, q: text.trim() } : others });
  }

  return { search, setSearch };
}
