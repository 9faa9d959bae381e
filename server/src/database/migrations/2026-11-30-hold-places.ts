import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLES = ['key_hold', 'access_hold'] as const;

/**
 * Where a lost change stood in the audit log that had it, and how far the audit log was when the hold was settled: so it is
 * known again when another process remembers it later.
 */
export class HoldPlaces1796005200000 implements MigrationInterface {
  name = 'HoldPlaces1796005200000';

  async up(runner: QueryRunner): Promise<void> {
    for (const table of TABLES) {
      await runner.query(
        `alter table ${table} add column lost_seq bigint, add column lost_hash text, add column settled_seq bigint`,
      );
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of TABLES) {
      await runner.query(
        `alter table ${table} drop column lost_seq, drop column lost_hash, drop column settled_seq`,
      );
    }
  }
}
