import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Processes tell whether they hear notifications, and what is wrong with their Redis. */
export class NodeDiagnoses1796005000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `alter table verification_node add column hears_notifications boolean,
         add column redis_faults text[] not null default '{}'`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      `alter table verification_node drop column hears_notifications, drop column redis_faults`,
    );
  }
}
