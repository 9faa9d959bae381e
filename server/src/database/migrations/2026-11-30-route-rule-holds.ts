import type { MigrationInterface, QueryRunner } from 'typeorm';

const checked = (names: readonly string[]): string =>
  `alter table access_hold drop constraint access_hold_entity_check,
   add constraint access_hold_entity_check check (entity in (${names.map((name) => `'${name}'`).join(', ')}))`;

/** Route rules can be held to what a restored database lost of them. */
export class RouteRuleHolds1796005400000 implements MigrationInterface {
  name = 'RouteRuleHolds1796005400000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(checked(['service_account', 'role', 'scope', 'route_rules']));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`delete from access_hold where entity = 'route_rules'`);
    await runner.query(checked(['service_account', 'role', 'scope']));
  }
}
