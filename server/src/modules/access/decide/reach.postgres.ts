import type { Reach } from './access-set.js';

/**
 * SQL that is true if the scope in a column is within the given reach; `value` registers a parameter and returns its
 * placeholder.
 */
export const withinReachSql = (column: string, reach: Reach, value: (parameter: unknown) => string): string =>
  reach === 'EVERYTHING'
    ? 'true'
    : `${column} in (select id from scope where path && ${value(reach)}::text[])`;

/** SQL that is true if the key in a column is within the given reach; rows without a key are only within the full reach. */
export const keyWithinReachSql = (
  column: string,
  reach: Reach,
  value: (parameter: unknown) => string,
): string =>
  reach === 'EVERYTHING'
    ? 'true'
    : `${column} in (select id from api_key where ${withinReachSql('scope_id', reach, value)})`;
