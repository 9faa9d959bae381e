import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * How many verifications each journal has brought to the database, so that a database that went back tells how many it lost.
 * An older version moves the mark and counts nothing: batches that were counted show what a count leaves out.
 */
export class JournalCounts1796003103000 implements MigrationInterface {
  name = 'JournalCounts1796003103000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `alter table usage_journal
         add column counted bigint not null default 0,
         add column counted_batches bigint not null default 0`,
    );
    await runner.query(
      `alter table verification_node add column lost_is_minimum boolean not null default false`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table verification_node drop column lost_is_minimum`);
    await runner.query(`alter table usage_journal drop column counted, drop column counted_batches`);
  }
}
