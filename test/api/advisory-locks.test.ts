import pg from 'pg';
import { expect, test } from 'vitest';
import { ADVISORY_LOCKS } from '../../server/src/core/advisory-locks.js';
import { eventually } from '../support/eventually.js';
import { codes } from '../support/peers/graphql.js';
import { Tenancy } from '../support/seed/tenancy.js';

test('a scope is moved while a key below it waits for a limit lock', async () => {
  const tenancy = await Tenancy.start({ KEYWRIGHT_MAX_KEYS: '10' });
  const holder = new pg.Client({ connectionString: tenancy.database.url });
  try {
    const { customer, account } = await tenancy.branch();
    const to = await tenancy.scope('ORGANIZATION', customer);
    await holder.connect();
    const waiting = async (): Promise<number> =>
      (await holder.query(`select from pg_locks where locktype = 'advisory' and not granted`)).rows.length;

    await holder.query('select pg_advisory_lock($1)', [ADVISORY_LOCKS.keyCreation]);
    let moved = false;
    const move = tenancy
      .try('mutation ($input: UpdateScopeInput!) { updateScope(input: $input) { id } }', {
        input: { id: account, parentId: to },
      })
      .finally(() => (moved = true));
    await eventually(async () => expect(moved || (await waiting()) === 1).toBe(true));
    const before = await waiting();
    const create = tenancy.try(
      'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { apiKey { id } } }',
      { input: { name: 'below', permissions: [], scopeId: account } },
    );
    await eventually(async () => expect(await waiting()).toBe(before + 1));
    await holder.query('select pg_advisory_unlock($1)', [ADVISORY_LOCKS.keyCreation]);
    expect(codes(await move)).toEqual([]);
    expect(codes(await create)).toEqual([]);
  } finally {
    await holder.end();
    await tenancy.stop();
  }
});

test('each purpose has its own lock', () => {
  const ids = Object.values(ADVISORY_LOCKS);
  expect(new Set(ids).size).toBe(ids.length);
});
