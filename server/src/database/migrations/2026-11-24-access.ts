import type { MigrationInterface, QueryRunner } from 'typeorm';
import { auditDown, auditUp } from './2026-11-24-access/audit.js';
import { keysDown, keysUp } from './2026-11-24-access/keys.js';
import { rolesDown, rolesUp } from './2026-11-24-access/roles.js';
import { scopesDown, scopesUp } from './2026-11-24-access/scopes.js';
import { serviceAccountsDown, serviceAccountsUp } from './2026-11-24-access/service-accounts.js';

/** The scope tree, built-in roles, service accounts, where keys lie, and where audit events happened. */
export class Access1795478400000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of [...scopesUp, ...rolesUp, ...serviceAccountsUp, ...keysUp, ...auditUp]) {
      await runner.query(sql);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const sql of [...auditDown, ...keysDown, ...serviceAccountsDown, ...rolesDown, ...scopesDown]) {
      await runner.query(sql);
    }
  }
}
