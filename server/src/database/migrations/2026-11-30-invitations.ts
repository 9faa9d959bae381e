import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP = [
  `create table invitation (
     id text collate "C" primary key,
     user_id text collate "C" not null,
     email text not null,
     email_folded text not null,
     name text not null,
     grants jsonb not null,
     token_hash bytea not null,
     issuer_kind text not null check (issuer_kind in ('USER', 'API_KEY')),
     issuer_id text collate "C" not null,
     issuer_name text not null,
     created_at timestamptz not null,
     expires_at timestamptz not null,
     mailed boolean not null default false
   )`,
  `create unique index invitation_user_unique on invitation (user_id)`,
  `create unique index invitation_token_unique on invitation (token_hash)`,
  `create index invitation_by_email on invitation (email_folded)`,
  `create index invitation_by_issuer on invitation (issuer_id)`,
  `create index invitation_by_expiry on invitation (expires_at)`,
];

/** Invitations, which stay apart from accounts until they are accepted. */
export class Invitations1796004200000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of UP) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table invitation');
  }
}
