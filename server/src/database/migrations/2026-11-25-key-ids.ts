import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP = [
  `alter table installation
     add column pepper_id integer not null default 1 check (pepper_id between 1 and 65535),
     add column encryption_key_id integer not null default 1 check (encryption_key_id between 1 and 65535)`,
  // The pepper of the previous secret; null while it is that of the current one.
  `alter table api_key add column previous_pepper_id integer`,
];

const DOWN = [
  `alter table api_key drop column previous_pepper_id`,
  `alter table installation drop column encryption_key_id, drop column pepper_id`,
];

/** Names the pepper and the encryption key in use, so that they can be rotated. */
export class KeyIds1795568400000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of UP) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const sql of DOWN) await runner.query(sql);
  }
}
