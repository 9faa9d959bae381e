import type { MigrationInterface, QueryRunner } from 'typeorm';

const refuse = (exception: string): string => `
  create or replace function audit_refuse() returns trigger language plpgsql as $$
  begin
    ${exception}raise exception 'audit events cannot be changed';
  end $$`;

/** Where the audit log begins after its retention removed older events: the hash chain goes on from the last one removed. */
export class AuditRetention1796000460000 implements MigrationInterface {
  name = 'AuditRetention1796000460000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `alter table audit_head add column removed_seq bigint not null default 0,
         add column removed_hash text not null default repeat('0', 64)`,
    );
    await runner.query(
      refuse(`if tg_op = 'DELETE' and current_setting('keywright.audit_retention', true) = 'on' then
      return null;
    end if;
    `),
    );
  }

  /** The chain of a log whose beginning was removed no longer verifies then. */
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(refuse(''));
    await runner.query(`alter table audit_head drop column removed_hash, drop column removed_seq`);
  }
}
