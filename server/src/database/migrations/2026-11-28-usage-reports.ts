import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Batches of usage that were counted elsewhere and are written: each counts once, however often it is sent. */
export class UsageReports1795827600000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `create table usage_report (id uuid primary key, at timestamptz not null default now())`,
    );
    await runner.query(`create index usage_report_at on usage_report (at)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop table usage_report`);
  }
}
