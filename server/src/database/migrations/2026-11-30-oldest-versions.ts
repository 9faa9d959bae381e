import type { QueryRunner } from 'typeorm';
import { FIRST_VERSION, type KeywrightMigration } from '../migration-version.js';

/** The database knows of each migration the oldest version of Keywright that still runs on it, so that older ones stay out. */
export class OldestVersions1796000399000 implements KeywrightMigration {
  readonly oldestVersion = FIRST_VERSION;

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table migrations add column oldest_version text`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table migrations drop column oldest_version`);
  }
}
