import type { Reach } from './access-set.js';

/** SQL that is true where the scope in a column lies within a reach; `value` registers a parameter and names it. */
export const withinReachSql = (
  column: string,
  reach: Reach,
  value: (parameter: unknown) => string,
): string =>
  reach === 'EVERYTHING'
    ? 'true'
    : `${column} in (select id from scope where path && ${value(reach)}::text[])`;

/** SQL that is true where the key in a column lies within a reach; rows without a key lie in none but the whole. */
export const keyWithinReachSql = (
  column: string,
  reach: Reach,
  value: (parameter: unknown) => string,
): string =>
  reach === 'EVERYTHING'
    ? 'true'
    : `${column} in (select id from api_key where ${withinReachSql('scope_id', reach, value)})`;
