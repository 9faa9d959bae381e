import type { Page } from '../../core/page.js';
import type { PageInfoType } from './node.type.js';

/** A page as a Relay connection. */
export interface Connection<T> {
  readonly edges: readonly { readonly cursor: string; readonly node: T }[];
  readonly nodes: readonly T[];
  readonly pageInfo: PageInfoType;
}

/** Converts a page to a Relay connection. */
export const toConnection = <T>(page: Page<T>): Connection<T> => ({
  edges: page.rows.map((node, i) => ({ cursor: page.cursors[i]!, node })),
  nodes: page.rows,
  pageInfo: {
    hasNextPage: page.hasNextPage,
    hasPreviousPage: page.hasPreviousPage,
    startCursor: page.cursors[0] ?? null,
    endCursor: page.endCursor ?? page.cursors.at(-1) ?? null,
  },
});
