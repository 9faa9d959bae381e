import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which role each name in the setting of group roles stands for. */
export class GroupRoles1796000402000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `create table group_role (
         name_folded text collate "C" primary key,
         role_id text collate "C" references role on delete set null,
         bound_at timestamptz not null
       )`,
    );
    await runner.query('create index group_role_by_role on group_role (role_id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table group_role');
  }
}
