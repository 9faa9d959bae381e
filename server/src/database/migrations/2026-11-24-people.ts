import type { MigrationInterface, QueryRunner } from 'typeorm';

const NOBODY =
  '$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IGhhcyB0aGlzIQ$Gwu9oVNZ6XNP2y2ldcLdWJdm3wqPKzhH4qGPzGn4cZE';

const UP = [
  `alter table installation add column two_factor_required boolean not null default false`,

  `alter table app_user alter column password_hash drop not null`,
  `alter table app_user
     add column external boolean not null default false,
     add column has_password boolean not null generated always as (password_hash is not null) stored`,

  `create table two_factor (
     user_id text collate "C" primary key references app_user on delete cascade,
     sealed_secret bytea not null,
     begun_at timestamptz not null,
     confirmed_at timestamptz,
     last_step bigint not null default 0
   )`,
  `create table recovery_code (
     user_id text collate "C" not null references two_factor on delete cascade,
     code_hash bytea not null,
     primary key (user_id, code_hash)
   )`,
  `create table sign_in_challenge (
     token_hash bytea primary key,
     user_id text collate "C" not null references app_user on delete cascade,
     expires_at timestamptz not null,
     tries integer not null default 0
   )`,
  `create index sign_in_challenge_by_user on sign_in_challenge (user_id)`,
  `create index sign_in_challenge_by_expiry on sign_in_challenge (expires_at)`,

  `create table password_link (
     user_id text collate "C" primary key references app_user on delete cascade,
     token_hash bytea not null,
     kind text not null check (kind in ('INVITATION', 'RESET')),
     created_at timestamptz not null,
     expires_at timestamptz not null,
     mailed boolean not null default false
   )`,
  `create unique index password_link_token_unique on password_link (token_hash)`,
  `create index password_link_by_expiry on password_link (expires_at)`,
];

const DOWN = [
  `drop table password_link`,
  `drop table sign_in_challenge`,
  `drop table recovery_code`,
  `drop table two_factor`,
  `alter table app_user drop column has_password, drop column external`,
  // The hash of a password that nobody has: who has none still cannot sign in.
  `update app_user set password_hash = '${NOBODY}' where password_hash is null`,
  `alter table app_user alter column password_hash set not null`,
  `alter table installation drop column two_factor_required`,
];

/** Second factors, links to choose a password, and users without a password of their own. */
export class People1795482000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of UP) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const sql of DOWN) await runner.query(sql);
  }
}
