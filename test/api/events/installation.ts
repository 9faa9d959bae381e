import { expect } from 'vitest';
import type { EventType } from '@keywright/schema/event-types';
import { eventually } from '../../support/eventually.js';
import { keywrightCommand } from '../../support/servers/command-line.js';
import { spawnServer } from '../../support/servers/server-process.js';
import { temporaryDirectory } from '../../support/servers/start-keywright.js';
import type { Cases, World } from './world.js';

const command = async (world: World, ...args: string[]): Promise<null> => {
  expect(await keywrightCommand(world.sso.keywright.settings, args)).toMatchObject({ code: 0 });
  return null;
};

/** Cases of the events of settings and of the audit log. */
export const installationCases: Cases<Extract<EventType, `${'setting' | 'audit_log'}.${string}`>> = {
  'setting.updated': [
    {
      async cause(world) {
        await world.mutate('setTwoFactorRequired', 'required: true', '');
        await world.query('update installation set two_factor_required = false');
        return null;
      },
      payload: { twoFactorRequired: { before: false, after: true } },
    },
    {
      async cause(world) {
        await world.mutate('setRouteRuleDefault', 'default: ANY_KEY', '');
        return null;
      },
      payload: { routeDefault: { before: 'DENY', after: 'ANY_KEY' } },
    },
    {
      cause: (world) => command(world, 'rotate', 'pepper'),
      payload: { pepperId: { before: expect.any(Number) as number, after: expect.any(Number) as number } },
    },
    {
      cause: (world) => command(world, 'rotate', 'encryption-key'),
      payload: {
        encryptionKeyId: { before: expect.any(Number) as number, after: expect.any(Number) as number },
      },
    },
  ],
  'setting.group_role_bound': [
    {
      async cause(world) {
        const role = await world.role();
        await command(world, 'bind-group-role', '--name', 'Test Reader', '--role', role);
        return role;
      },
      payload: {
        name: { after: 'Test Reader' },
        role: {
          before: expect.stringMatching(/^rol_/) as string,
          after: expect.stringMatching(/^rol_/) as string,
        },
      },
    },
  ],
  'audit_log.pruned': [
    {
      async cause(world) {
        await world.query('alter table audit_event disable trigger audit_refuse');
        await world.query(`update audit_event set at = now() - interval '90 days' where seq = 1`);
        await world.query('alter table audit_event enable trigger audit_refuse');
        const process = spawnServer({
          ...world.sso.keywright.settings,
          PORT: '0',
          KEYWRIGHT_DATA_DIR: await temporaryDirectory(),
          KEYWRIGHT_AUDIT_DAYS: '30',
        });
        try {
          await process.ready();
          await eventually(async () =>
            expect(
              await world.query(`select 1 from audit_event where action = 'audit_log.pruned'`),
            ).toHaveLength(1),
          );
        } finally {
          await process.stop();
        }
        return null;
      },
      payload: {
        removedEvents: { before: 0, after: 1 },
        lastRemovedHash: {
          before: '0'.repeat(64),
          after: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
        },
      },
    },
  ],
};
