import type { MigrationInterface, QueryRunner } from 'typeorm';
import { accessUp, accessDown } from './2026-11-21-initial/access.js';
import { auditUp, auditDown } from './2026-11-21-initial/audit.js';
import { changesUp, changesDown } from './2026-11-21-initial/changes.js';
import { keysUp, keysDown } from './2026-11-21-initial/keys.js';
import { usageUp, usageDown } from './2026-11-21-initial/usage.js';

/** The first shape of the database: access, keys, change feed, audit log, usage and request logs. */
export class Initial1795219200000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of [...accessUp(), ...keysUp, ...changesUp, ...auditUp, ...usageUp])
      await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const sql of [...usageDown, ...auditDown, ...changesDown, ...keysDown, ...accessDown]) {
      await runner.query(sql);
    }
  }
}
