import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP = [
  `alter table password_link
     add column issuer_kind text check (issuer_kind in ('USER', 'API_KEY', 'SYSTEM')),
     add column issuer_id text collate "C"`,
  // A process that knows nothing of issuers replaces links in place: its link must not pass as one of the earlier issuer.
  `create function password_link_replaced() returns trigger language plpgsql as $$
   begin
     new.issuer_kind := null;
     new.issuer_id := null;
     return new;
   end $$`,
  `create trigger password_link_replaced before update of token_hash on password_link
   for each row execute function password_link_replaced()`,
];

const DOWN = [
  `drop trigger password_link_replaced on password_link`,
  `drop function password_link_replaced`,
  `alter table password_link drop column issuer_id, drop column issuer_kind`,
];

/** Password links know who issued them. */
export class LinkIssuers1796000401000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of UP) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const sql of DOWN) await runner.query(sql);
  }
}
