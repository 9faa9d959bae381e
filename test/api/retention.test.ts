import { afterAll, beforeAll, expect, test } from 'vitest';
import { signIn } from '../support/peers/client.js';
import { eventually } from '../support/eventually.js';
import { request } from '../support/peers/graphql.js';
import { spawnServer } from '../support/servers/server-process.js';
import { startKeywright, type Keywright } from '../support/servers/start-keywright.js';

const OLD_EVENTS = 12_000;

let keywright: Keywright;
let bearer: string;

beforeAll(async () => {
  keywright = await startKeywright();
  bearer = await signIn(keywright.url);
});
afterAll(() => keywright.stop());

interface Verification {
  intact: boolean;
  checked: number;
  removedCount: number;
  firstBrokenId: string | null;
}

const verifyLog = async (url: string): Promise<Verification> =>
  (
    await request<{ verifyAuditLog: Verification }>(
      url,
      '{ verifyAuditLog { intact checked removedCount firstBrokenId } }',
      {},
      { bearer },
    )
  ).verifyAuditLog;

/** Restarts with other settings while the work runs. */
async function restarted(env: Record<string, string>, work: (url: string) => Promise<void>): Promise<void> {
  const next = spawnServer({ ...keywright.settings, ...env });
  try {
    await work(await next.ready());
  } finally {
    await next.stop();
  }
}

test('old audit events are removed, and the chain of the others still verifies', async () => {
  const { query } = keywright.database;
  await query(
    `insert into audit_event (id, at, actor_kind, actor_name, action, target_type, changes)
     select 'aud_old' || i, case when i <= ${OLD_EVENTS} then now() - interval '90 days' else now() end, 'SYSTEM', 'Keywright',
       'test.old', 'Test', '{}' from generate_series(1, ${OLD_EVENTS} + 5) i`,
  );
  // Start-up events are newer than the old ones after them, so nothing before them can be deleted.
  await query(`alter table audit_event disable trigger audit_refuse`);
  await query(`alter table audit_event disable trigger audit_append`);
  await query(`delete from audit_event where id not like 'aud_old%'`);
  await query(
    `with recursive numbered as (select id, row_number() over (order by seq) as n from audit_event)
     update audit_event e set seq = n from numbered where numbered.id = e.id`,
  );
  await query(`do $$
    declare e audit_event; previous text := repeat('0', 64);
    begin
      for e in select * from audit_event order by seq loop
        e.previous_hash := previous;
        previous := audit_hash(e);
        update audit_event set previous_hash = e.previous_hash, hash = previous where id = e.id;
      end loop;
      update audit_head set seq = (select max(seq) from audit_event), hash = previous;
    end $$`);
  await query(`alter table audit_event enable trigger audit_append`);
  await query(`alter table audit_event enable trigger audit_refuse`);
  expect(await verifyLog(keywright.url)).toMatchObject({ intact: true, removedCount: 0 });
  await keywright.process.stop();

  await restarted({ KEYWRIGHT_AUDIT_DAYS: '30' }, async (url) => {
    await eventually(async () =>
      expect(await verifyLog(url)).toMatchObject({
        intact: true,
        removedCount: OLD_EVENTS,
        firstBrokenId: null,
      }),
    );
    const [{ kept, removals }] = (await query(
      `select count(*) filter (where action = 'test.old')::int as kept,
         count(*) filter (where action = 'audit_log.pruned')::int as removals from audit_event`,
    )) as [{ kept: number; removals: number }];
    expect(kept).toBe(5);
    expect(removals).toBe(2);

    await query(`update audit_head set removed_hash = repeat('1', 64)`);
    expect(await verifyLog(url)).toMatchObject({ intact: false });
    await query(
      `update audit_head set removed_hash = (select previous_hash from audit_event order by seq limit 1)`,
    );
    await query(`alter table audit_event disable trigger audit_refuse`);
    await query(
      `with first as (delete from audit_event where seq = (select min(seq) from audit_event) returning seq, hash)
       update audit_head set removed_seq = first.seq, removed_hash = first.hash from first`,
    );
    await query(`alter table audit_event enable trigger audit_refuse`);
    expect(await verifyLog(url)).toMatchObject({ intact: false });
  });
  await expect(query('delete from audit_event')).rejects.toThrow('audit events cannot be changed');
}, 120_000);

test('hourly and daily usage past its retention is removed, and nothing else', async () => {
  const { query } = keywright.database;
  for (const bucket of ['hour', 'day']) {
    await query(
      `insert into usage_${bucket} (api_key_id, start, environment, code, count)
       select 'key_' || i, now() - age, 'PRODUCTION', 'VALID', 1
       from generate_series(1, 6000) i, unnest(array['34 days', '50 days', '500 days']::interval[]) age`,
    );
  }
  const counts = (): Promise<unknown[]> =>
    query(
      `select (select count(*)::int from usage_hour) as hours, (select count(*)::int from usage_day) as days`,
    );
  expect(await counts()).toEqual([{ hours: 18_000, days: 18_000 }]);
  await restarted({ KEYWRIGHT_HOURLY_USAGE_DAYS: '35', KEYWRIGHT_DAILY_USAGE_DAYS: '400' }, async () => {
    await eventually(async () => expect(await counts()).toEqual([{ hours: 6000, days: 12_000 }]), 20_000);
  });
}, 120_000);
