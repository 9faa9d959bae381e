import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Of a password that nobody has, for users who are left without any. */
const NOBODY_HASH =
  '$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IGhhcyB0aGlzIQ$Gwu9oVNZ6XNP2y2ldcLdWJdm3wqPKzhH4qGPzGn4cZE';

/** Single sign-on: whom the identity provider means, and which grants and sessions come from it. */
export class Oidc1795478460000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`create table user_identity (
      issuer text collate "C" not null,
      subject text collate "C" not null,
      user_id text collate "C" not null references app_user on delete cascade,
      created_at timestamptz not null,
      primary key (issuer, subject)
    )`);
    // An account belongs to one person of a provider: an address that is given to the next one does not take it along.
    await runner.query(`create unique index user_identity_one_of_issuer on user_identity (user_id, issuer)`);
    await runner.query(
      `alter table user_grant add column source text not null default 'LOCAL' check (source in ('LOCAL', 'OIDC'))`,
    );
    await runner.query(
      `alter table session add column method text not null default 'PASSWORD' check (method in ('PASSWORD', 'OIDC'))`,
    );
    // Does nothing where it may be null already.
    await runner.query(`alter table app_user alter column password_hash drop not null`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`update app_user set password_hash = $1 where password_hash is null`, [NOBODY_HASH]);
    await runner.query(`alter table app_user alter column password_hash set not null`);
    await runner.query(`alter table session drop column method`);
    await runner.query(`alter table user_grant drop column source`);
    await runner.query(`drop table user_identity`);
  }
}
