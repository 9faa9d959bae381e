import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { signIn } from '../support/peers/client.js';
import { request } from '../support/peers/graphql.js';
import { startKeywright, type Keywright } from '../support/servers/start-keywright.js';

let keywright: Keywright;
let bearer: string;
beforeAll(async () => {
  keywright = await startKeywright();
  bearer = await signIn(keywright.url);
});
afterAll(() => keywright.stop());

const ask = <Data>(query: string, variables: Record<string, unknown> = {}): Promise<Data> =>
  request<Data>(keywright.url, query, variables, { bearer });

interface Events {
  readonly auditEvents: { readonly nodes: readonly { id: string; action: string; targetType: string }[] };
}
const eventsOf = async (targetType: string): Promise<Events['auditEvents']['nodes']> =>
  (
    await ask<Events>(
      'query ($type: String!) { auditEvents(filter: { targetType: $type }) { nodes { id action targetType } } }',
      { type: targetType },
    )
  ).auditEvents.nodes;

describe('kinds of objects in the audit log', () => {
  const OLD = ['user', 'session', 'settings'];
  beforeAll(async () => {
    for (const [i, type] of OLD.entries()) {
      await keywright.database.query(
        `insert into audit_event (id, at, actor_kind, actor_name, action, target_type, changes)
         values ($1, now(), 'SYSTEM', 'Keywright', $2, $3, '{}')`,
        [`aud_${'0'.repeat(25)}${i + 1}`, `${type}.old`, type],
      );
    }
  });

  test.each([
    ['user', 'User'],
    ['session', 'Session'],
    ['settings', 'Settings'],
  ])('%s is shown and found as %s, in older and newer events', async (former, current) => {
    const events = await eventsOf(current);
    expect(await eventsOf(former)).toEqual(events);
    expect(new Set(events.map(({ targetType }) => targetType))).toEqual(new Set([current]));
    expect(events.map(({ action }) => action)).toContain(`${former}.old`);
  });

  test('are written in one spelling from now on', async () => {
    const rows = await keywright.database.query<{ type: string }>(
      `select distinct target_type as type from audit_event where action not like '%.old'`,
    );
    expect(rows.length).toBeGreaterThan(0);
    for (const { type } of rows) expect(type).toMatch(/^[A-Z]/);
  });

  test('leave the hashes of older events unchanged', async () => {
    const { verifyAuditLog } = await ask<{ verifyAuditLog: { intact: boolean } }>(
      '{ verifyAuditLog { intact } }',
    );
    expect(verifyAuditLog.intact).toBe(true);
  });
});
