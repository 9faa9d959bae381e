import type { MigrationInterface, QueryRunner } from 'typeorm';

const setAccesses = (accesses: string): string =>
  `alter table route_rule drop constraint route_rule_access_check,
   add constraint route_rule_access_check check (access in (${accesses}))`;

/** Route rules may let anybody pass; a process that does not know of it lets nobody pass there. */
export class AnybodyRules1796004180000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(setAccesses(`'PERMISSION', 'ANY_KEY', 'NOBODY', 'ANYBODY'`));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`update route_rule set access = 'NOBODY' where access = 'ANYBODY'`);
    await runner.query(setAccesses(`'PERMISSION', 'ANY_KEY', 'NOBODY'`));
  }
}
