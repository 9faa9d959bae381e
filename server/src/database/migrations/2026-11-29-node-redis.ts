import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Processes tell whether they count limits together in Redis. */
export class NodeRedis1795914000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `alter table verification_node add column redis text not null default 'none'
       check (redis in ('none', 'reached', 'away'))`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table verification_node drop column redis`);
  }
}
