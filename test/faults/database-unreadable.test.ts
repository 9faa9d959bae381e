import { readFile, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKey, signIn, verify, type CreatedKey } from '../support/peers/client.js';
import { eventually } from '../support/eventually.js';
import { metricOf } from '../support/servers/figures.js';
import { queryOnce } from '../support/servers/fresh-database.js';
import type { Credential } from '../support/peers/graphql.js';
import { startPostgres, type TestPostgres } from '../support/servers/postgres.js';
import { startKeywright, type Keywright } from '../support/servers/start-keywright.js';

/** Maximum staleness with a database that answers, and with one that cannot be read. */
const ANSWERING_MS = 5000;
const UNREADABLE_MS = 8000;
/** A state nearly this much younger than the bound must have decided, so that no other bound can be meant. */
const CLOSE_MS = 1500;

const name = 'unreadable';
const role = 'keywright_role';
let postgres: TestPostgres;
let keywright: Keywright;
let owner: Credential;
let gateway: CreatedKey;
let known: CreatedKey;

/** Runs a statement as the superuser, who has no limits, on the maintenance database. */
const administer = (statement: string): Promise<Record<string, string>[]> =>
  queryOnce(postgres.url, statement);
const inDatabase = (statement: string): Promise<unknown> =>
  queryOnce(postgres.url.replace(/postgres$/, name), statement);
/** Ends the server's sessions, or only that of the change feed. */
const disconnect = (which = ''): Promise<unknown> =>
  administer(`select pg_terminate_backend(pid) from pg_stat_activity where usename = '${role}' ${which}`);

async function codeOfKnown(): Promise<string> {
  const { status, body } = await verify(keywright.url, gateway.secret, { key: known.secret });
  return `${status} ${body.code}`;
}

/** Expects that the known key is answered until the state is older than the bound, and not from then on. */
async function expectShedAfter(boundMs: number): Promise<void> {
  const ageMs = async (): Promise<number> => (await metricOf(keywright.url, 'index_age_seconds')) * 1000;
  const endBy = performance.now() + 3 * boundMs;
  let oldestMs = 0;
  for (let before = await ageMs(); before <= boundMs;) {
    const code = await codeOfKnown();
    const after = await ageMs();
    if (after <= boundMs) {
      expect(code, `with a state of ${after} ms`).toBe('200 VALID');
      oldestMs = after;
    }
    expect(performance.now(), 'the state ages').toBeLessThan(endBy);
    await sleep(20);
    before = await ageMs();
  }
  expect(oldestMs).toBeGreaterThan(boundMs - CLOSE_MS);
  expect(await codeOfKnown()).toBe('503 UNAVAILABLE');
}

const expectWell = (): Promise<void> =>
  eventually(async () => expect(await codeOfKnown()).toBe('200 VALID'), 20_000);

/** After an outage, the session that hears of changes is back a moment after the first poll that succeeds. */
const expectListening = (): Promise<void> =>
  eventually(async () => {
    const sessions = await administer(
      `select pid from pg_stat_activity where usename = '${role}' and application_name = 'keywright listener' and state = 'idle'`,
    );
    expect(sessions).toHaveLength(1);
  }, 30_000);

beforeAll(async () => {
  postgres = await startPostgres();
  const [{ hba_file: rules }] = (await administer('show hba_file')) as [{ hba_file: string }];
  const others = await readFile(rules, 'utf8');
  await writeFile(rules, `host all ${role} 127.0.0.1/32 scram-sha-256\n${others}`);
  await administer('select pg_reload_conf()');
  await administer(`create role ${role} login password '${role}'`);
  await administer(`create database ${name} owner ${role}`);
  const url = new URL(`/${name}`, postgres.url);
  url.username = role;
  url.password = role;
  const env = {
    DATABASE_URL: url.href,
    KEYWRIGHT_MAX_STALENESS_SECONDS: String(UNREADABLE_MS / 1000),
  };
  keywright = await startKeywright({ env });
  owner = { bearer: await signIn(keywright.url) };
  gateway = await createKey(keywright.url, owner, { permissions: ['keywright.verify'] });
  known = await createKey(keywright.url, owner);
  await expectWell();
});
afterAll(async () => {
  await keywright?.stop();
  await postgres?.stop();
});

describe('a database that cannot be read', () => {
  test.each([
    ['changed password', `alter role ${role} password 'another'`, `alter role ${role} password '${role}'`],
    ['account without the login right', `alter role ${role} nologin`, `alter role ${role} login`],
    [
      'account that may not connect',
      'revoke connect on database % from public, ' + role,
      `grant connect on database % to public, ${role}`,
    ],
    [
      'full table of connections',
      `alter role ${role} connection limit 0`,
      `alter role ${role} connection limit -1`,
    ],
    [
      'closed database',
      'alter database % allow_connections false',
      'alter database % allow_connections true',
    ],
    [
      'database that is gone',
      'alter database % allow_connections false; alter database % rename to %_away',
      'alter database %_away rename to %; alter database % allow_connections true',
    ],
  ])('keeps known keys verifying up to the staleness limit: %s', async (_, bad, good) => {
    const carryOut = async (statements: string): Promise<void> => {
      for (const statement of statements.replaceAll('%', name).split(';')) {
        await administer(statement);
        await disconnect();
      }
    };
    await carryOut(bad);
    try {
      await expectShedAfter(UNREADABLE_MS);
    } finally {
      await carryOut(good);
    }
    await expectWell();
  });

  test('does so even while an older session still works, until that session sees a change', async () => {
    const refuse = `alter role ${role} password 'another'`;
    const admit = `alter role ${role} password '${role}'`;
    const cut = (): Promise<unknown> => disconnect(`and application_name = 'keywright changes'`);
    const refusals = (): number => keywright.process.stdout().split('password authentication failed').length;
    const { id } = await createKey(keywright.url, owner);
    for (const [change, boundMs] of [
      ['', UNREADABLE_MS],
      [`update api_key set enabled = false where id = '${id}'`, ANSWERING_MS],
    ] as const) {
      await expectListening();
      await administer(refuse);
      const before = refusals();
      try {
        await cut();
        if (change) {
          await eventually(() => expect(refusals()).toBeGreaterThan(before));
          await inDatabase(change);
        }
        await expectShedAfter(boundMs);
      } finally {
        await administer(admit);
      }
      await expectWell();
    }
  });
});

test.each([
  [
    'a table that is gone',
    'alter table change rename to change_away',
    'alter table change_away rename to change',
  ],
  ['a missing schema', 'alter schema public rename to away', 'alter schema away rename to public'],
  ['a missing right', `revoke select on change from ${role}`, `grant select on change to ${role}`],
])('a database that answers but cannot be followed is trusted for 5 s: %s', async (_, bad, good) => {
  await inDatabase(bad);
  try {
    await expectShedAfter(ANSWERING_MS);
  } finally {
    await inDatabase(good);
  }
  await expectWell();
});
