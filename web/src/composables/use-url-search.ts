import { computed } from 'vue';
import { useRoute, useRouter } from 'vue-router';

/** The search text of a list, kept in the URL as `q`. */
export function useUrlSearch() {
  const route = useRoute();
  const router = useRouter();
  const search = computed(() => (typeof route.query['q'] === 'string' ? route.query['q'] : ''));

  function set(text: string): void {
    const { q: _, ...others } = route.query;
    void router.replace({ query: text.trim() ? { ...others, q: text.trim() } : others });
  }

  return { search, set };
}
