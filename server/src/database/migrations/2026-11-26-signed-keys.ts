import type { MigrationInterface, QueryRunner } from 'typeorm';

const ERASED_BEFORE = `
  (revoked_at is null and length(secret_digest) = 32 and revoked_fingerprint is null)
  or (revoked_at is not null and secret_digest is null and previous_digest is null and length(revoked_fingerprint) = 16)`;
const OVERLAP_BEFORE = `
  (previous_public_part is null) = (previous_digest is null) and (previous_digest is null) = (overlap_ends_at is null)`;

/** Secrets that sign must be known to check with: they are kept sealed, where those that are sent are kept as a digest. */
const UP = [
  `alter table api_key add column sealed_secret bytea, add column previous_sealed_secret bytea`,
  `alter table api_key drop constraint api_key_credential_erased, drop constraint api_key_overlap_whole`,
  `alter table api_key
     add constraint api_key_credential_erased check (case
       when kind = 'BEARER' then sealed_secret is null and previous_sealed_secret is null and (${ERASED_BEFORE})
       else secret_digest is null and previous_digest is null and revoked_fingerprint is null
         and (revoked_at is null) = (sealed_secret is not null)
         and (revoked_at is null or previous_sealed_secret is null) end),
     add constraint api_key_overlap_whole check (case
       when kind = 'BEARER' then ${OVERLAP_BEFORE}
       else previous_public_part is null and (previous_sealed_secret is null) = (overlap_ends_at is null) end)`,
];

const DOWN = [
  `delete from api_key where kind = 'SIGNED'`,
  `alter table api_key drop constraint api_key_credential_erased, drop constraint api_key_overlap_whole`,
  `alter table api_key drop column sealed_secret, drop column previous_sealed_secret`,
  `alter table api_key
     add constraint api_key_credential_erased check (${ERASED_BEFORE}),
     add constraint api_key_overlap_whole check (${OVERLAP_BEFORE})`,
];

/** Keys that sign their requests. */
export class SignedKeys1795654800000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of UP) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const sql of DOWN) await runner.query(sql);
  }
}
