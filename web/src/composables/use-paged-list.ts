import { computed, type Ref } from 'vue';
import { useRoute, useRouter } from 'vue-router';
import type { Paging } from './paging.js';

/** State of a browser history entry: the cursors of the previous pages. */
const cursorsBefore = (): string[] => {
  const { trail } = (history.state ?? {}) as { trail?: unknown };
  return Array.isArray(trail) ? trail.filter((cursor) => typeof cursor === 'string') : [];
};

/** Search and page of a forward-only list, kept in the URL as `q` and `after`. */
export function usePagedList(): Paging & { readonly after: Readonly<Ref<string>> } {
  const route = useRoute();
  const router = useRouter();
  const text = (name: string): string => {
    const value = route.query[name];
    return typeof value === 'string' ? value : '';
  };
  const search = computed(() => text('q'));
  const after = computed(() => text('after'));

  function go(change: { q: string; after: string }, mode: 'push' | 'replace', trail: string[]): void {
    const query = Object.fromEntries(
      Object.entries({ ...route.query, ...change }).filter(([, value]) => value !== ''),
    );
    void router[mode]({ query, state: { trail } });
  }

  return {
    search,
    after,
    hasPrevious: computed(() => after.value !== ''),
    setSearch: (q: string) => go({ q: q.trim(), after: '' }, 'replace', []),
    next: (cursor: string | null | undefined) =>
      go({ q: search.value, after: cursor ?? '' }, 'push', [...cursorsBefore(), after.value]),
    /** The previous page, or the first one if the page was opened by a link. */
    previous: () => {
      const trail = cursorsBefore();
      go({ q: search.value, after: trail.at(-1) ?? '' }, 'push', trail.slice(0, -1));
    },
  };
}
