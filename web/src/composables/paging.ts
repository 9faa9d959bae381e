import type { Ref } from 'vue';

/** The search of a list and, if it has pages, the way through them. */
export interface Paging {
  readonly search: Readonly<Ref<string>>;
  readonly setSearch: (text: string) => void;
  readonly hasPrevious?: Readonly<Ref<boolean>>;
  readonly next?: (cursor: string | null | undefined) => void;
  readonly previous?: () => void;
}
