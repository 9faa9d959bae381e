import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { expect, test } from 'vitest';
import { createKey, sandbox, signIn } from '../support/peers/client.js';
import { codes, graphql } from '../support/peers/graphql.js';
import { startKeywright } from '../support/servers/start-keywright.js';

// Longer than the max age of the key index while the database responds.
const STALLED_MS = 7000;

test('verification continues while every management connection waits for a lock', async () => {
  const keywright = await startKeywright();
  const blocker = new pg.Client({ connectionString: keywright.database.url });
  try {
    const { url } = keywright;
    const bearer = await signIn(url);
    const key = await createKey(url, { bearer });
    await blocker.connect();
    await blocker.query('begin');
    await blocker.query('select * from audit_head for update');
    const mutation = 'mutation ($name: String!) { createApiKey(input: { name: $name }) { apiKey { id } } }';
    const waiting = Promise.all(
      Array.from({ length: 30 }, (_, i) => graphql(url, mutation, { name: `Waits ${i}` }, { bearer })),
    );
    const until = performance.now() + STALLED_MS;
    while (performance.now() < until) {
      expect((await sandbox(url, 'production/ping', key.secret)).status).toBe(200);
      await sleep(250);
    }
    await blocker.query('rollback');
    // None hangs or fails for another reason: it succeeded, or the database was unavailable.
    for (const answer of await waiting) expect(['', 'UNAVAILABLE']).toContain(codes(answer).join());
    expect(codes(await graphql(url, mutation, { name: 'Goes through' }, { bearer }))).toEqual([]);
  } finally {
    await blocker.end();
    await keywright.stop();
  }
});
