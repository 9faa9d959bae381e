import { expect, test } from 'vitest';
import { createKey, signIn } from '../../support/peers/client.js';
import { eventually } from '../../support/eventually.js';
import { spawnServer } from '../../support/servers/server-process.js';
import { startKeywright } from '../../support/servers/start-keywright.js';

test('events are removed after 30 days, and stay in the audit log', async () => {
  const keywright = await startKeywright();
  try {
    const owner = { bearer: await signIn(keywright.url) };
    const [old, young] = [await createKey(keywright.url, owner), await createKey(keywright.url, owner)];
    await keywright.process.stop();
    const age = (id: string, days: number) =>
      keywright.database.query(`update event set at = at - make_interval(days => $2) where subject_id = $1`, [
        id,
        days,
      ]);
    await age(old.id, 31);
    await age(young.id, 29);
    const again = spawnServer(keywright.settings);
    try {
      await again.ready();
      const left = async (table: string, column: string): Promise<unknown> =>
        (await keywright.database.query(`select 1 from ${table} where ${column} = $1`, [old.id])).length;
      await eventually(async () => expect(await left('event', 'subject_id')).toBe(0));
      expect(await left('audit_event', 'target_id')).toBe(1);
      expect(
        await keywright.database.query('select type from event where subject_id = $1', [young.id]),
      ).toEqual([{ type: 'api_key.created' }]);
    } finally {
      await again.stop();
    }
  } finally {
    await keywright.stop();
  }
}, 60_000);
