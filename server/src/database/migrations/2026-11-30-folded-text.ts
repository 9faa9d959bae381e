import type { MigrationInterface, QueryRunner } from 'typeorm';

const SEARCHED = `folded(name || ' ' || coalesce(description, ''))`;
const FORMERLY_SEARCHED = `(lower(name) || ' ' || lower(coalesce(description, '')))`;
const SORTED = `(name_folded collate "und-x-icu")`;

/** Each index that sorts or searches names: its name, what it was on, and what it is on now. */
const INDEXES: readonly [name: string, table: string, before: string, now: string][] = [
  [
    'api_key_search',
    'api_key',
    `using gin (${FORMERLY_SEARCHED} gin_trgm_ops)`,
    `using gin (${SEARCHED} gin_trgm_ops)`,
  ],
  ['api_key_by_name', 'api_key', '(name_folded, id)', `(${SORTED}, id)`],
  ['api_key_by_creator', 'api_key', '(created_by_name, id)', `((created_by_name collate "und-x-icu"), id)`],
  [
    'service_account_search',
    'service_account',
    `using gin (${FORMERLY_SEARCHED} gin_trgm_ops)`,
    `using gin (${SEARCHED} gin_trgm_ops)`,
  ],
  ['service_account_by_name', 'service_account', '(name_folded, id)', `(${SORTED}, id)`],
  ['scope_by_name', 'scope', '(name_folded, id)', `(${SORTED}, id)`],
  ['scope_by_parent', 'scope', '(parent_id, name_folded, id)', `(parent_id, ${SORTED}, id)`],
];

/**
 * Names are searched as their uniqueness folds them (NFKC, lower case) and sorted as people expect (ICU), whatever locale the
 * database has.
 */
export class FoldedText1796000480000 implements MigrationInterface {
  name = 'FoldedText1796000480000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `create function folded(given text) returns text language sql immutable parallel safe
       as $$ select lower(normalize(given, NFKC) collate "und-x-icu") $$`,
    );
    for (const [name, table, , now] of INDEXES) {
      await runner.query(`drop index ${name}`);
      await runner.query(`create index ${name} on ${table} ${now}`);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const [name, table, before] of INDEXES) {
      await runner.query(`drop index ${name}`);
      await runner.query(`create index ${name} on ${table} ${before}`);
    }
    await runner.query(`drop function folded`);
  }
}
