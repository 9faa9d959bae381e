import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Quotas of keys: units of cost in a calendar day or month. */
export class Quotas1795485600000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table api_key add column quotas jsonb not null default '[]'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table api_key drop column quotas`);
  }
}
