import { randomBytes } from 'node:crypto';
import { chown, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createKey, signIn, verify, type CreatedKey } from '../support/peers/client.js';
import { eventually } from '../support/eventually.js';
import { freshDatabase, queryOnce, type FreshDatabase } from '../support/servers/fresh-database.js';
import { smallDisk, testOnDisk, type Disk } from '../support/servers/full-disk.js';
import { graphql, type Credential, type GraphqlResponse } from '../support/peers/graphql.js';
import {
  OWNER,
  startKeywright,
  temporaryDirectory,
  type Keywright,
} from '../support/servers/start-keywright.js';

const CREATE = 'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { apiKey { id } } }';
const SIGN_IN =
  'mutation ($email: String!, $password: String!) { signIn(email: $email, password: $password) { session { token } } }';
const DISK_MB = 64;
/** Max changes until a full disk takes effect, as existing table pages still have room. */
const MAX_CHANGES = 400;

const suffix = randomBytes(6).toString('hex');
const role = `role_${suffix}`;
const tablespace = `space_${suffix}`;
let directory: string;
let disk: (Disk & { unmount(): Promise<void> }) | null = null;
let database: FreshDatabase;
let name: string;
let keywright: Keywright;
let owner: Credential;
let gateway: CreatedKey;
let known: CreatedKey;
let made = 0;

/** Runs a statement as the superuser, who has no limits, on the maintenance database. */
const administer = (statement: string): Promise<Record<string, string>[]> =>
  queryOnce(inject('postgresUrl'), statement);
/** Ends every connection of the server, so that it reconnects with the new settings. */
const disconnect = (): Promise<unknown> =>
  administer(`select pg_terminate_backend(pid) from pg_stat_activity where usename = '${role}'`);

/** Moves the database to a small disk, if this account can mount one. */
async function moveToDisk(): Promise<void> {
  const place = join(directory, 'disk');
  disk = await smallDisk(place, DISK_MB);
  if (!disk) return;
  const [data] = await administer('show data_directory');
  const { uid, gid } = await stat(data!['data_directory']!);
  await chown(place, uid, gid);
  await administer(`create tablespace ${tablespace} location '${place}'`);
  await administer(`alter database ${name} set tablespace ${tablespace}`);
}

beforeAll(async () => {
  directory = await temporaryDirectory();
  database = await freshDatabase();
  const url = new URL(database.url);
  name = url.pathname.slice(1);
  url.username = role;
  url.password = role;
  await administer(`create role ${role} login password '${role}'`);
  await administer(`alter database ${name} owner to ${role}`);
  await moveToDisk();
  keywright = await startKeywright({ env: { DATABASE_URL: url.href } });
  owner = { bearer: await signIn(keywright.url) };
  gateway = await createKey(keywright.url, owner, { permissions: ['keywright.verify'] });
  known = await createKey(keywright.url, owner);
  await eventually(async () => expect(await codeOfKnown()).toBe('200 VALID'));
});
afterAll(async () => {
  await keywright?.stop();
  await database?.drop();
  await administer(`drop role if exists ${role}`);
  await administer(`drop tablespace if exists ${tablespace}`);
  await disk?.unmount();
  await rm(directory, { recursive: true, force: true });
});

async function codeOfKnown(): Promise<string> {
  const { status, body } = await verify(keywright.url, gateway.secret, { key: known.secret });
  return `${status} ${body.code}`;
}
const create = (): Promise<GraphqlResponse<unknown>> =>
  graphql(
    keywright.url,
    CREATE,
    { input: { name: `Another ${++made}`, description: 'Fills its page. '.repeat(30), permissions: ['*'] } },
    owner,
  );
const list = (): Promise<GraphqlResponse<unknown>> =>
  graphql(keywright.url, '{ apiKeys { nodes { id } } }', {}, owner);
const enter = (): Promise<GraphqlResponse<unknown>> => graphql(keywright.url, SIGN_IN, { ...OWNER });

function expectRefused({ data, errors }: GraphqlResponse<unknown>, sentence: RegExp): void {
  expect(errors.map(({ extensions: { code } }) => code)).toEqual(['UNAVAILABLE']);
  expect(errors[0]!.message).toMatch(sentence);
  expect(errors[0]!.extensions).toMatchObject({ retryAfterSeconds: 2 });
  expect(Object.values(data ?? {}).filter(Boolean)).toEqual([]);
}
/** Expects that everything works again without a restart. */
const expectWell = (): Promise<void> =>
  eventually(async () => {
    for (const each of [create, list, enter]) expect((await each()).errors).toEqual([]);
    expect(await codeOfKnown()).toBe('200 VALID');
  });
/** Expects that changes, questions and sign-ins fail repeatedly with the message, and that known keys verify. */
async function expectAllRefused(sentence: RegExp): Promise<void> {
  await eventually(async () => expectRefused(await list(), sentence));
  for (let i = 0; i < 3; i++) {
    for (const each of [create, list, enter]) expectRefused(await each(), sentence);
    expect(await codeOfKnown()).toBe('200 VALID');
  }
}

test('a read-only database rejects changes and sign-ins with what to do, and reads continue', async () => {
  const sentence = /read-only.*DATABASE_URL leads to the primary/;
  await administer(`alter database ${name} set default_transaction_read_only = on`);
  try {
    await disconnect();
    await eventually(async () => expectRefused(await create(), sentence));
    for (let i = 0; i < 3; i++) {
      for (const each of [create, enter]) expectRefused(await each(), sentence);
      expect((await list()).errors).toEqual([]);
      expect(await codeOfKnown()).toBe('200 VALID');
    }
  } finally {
    await administer(`alter database ${name} reset default_transaction_read_only`);
    await disconnect();
  }
  await expectWell();
});

test.each([
  [
    'role without connections left',
    `role ${role} connection limit`,
    '0',
    '-1',
    /no free connection.*max_conn/,
  ],
  ['database without connections left', 'connection limit', '0', '-1', /no free connection.*max_conn/],
  ['role without the login right', `role ${role}`, 'nologin', 'login', /DATABASE_URL/],
  ['database that allows no connections', 'allow_connections', 'false', 'true', /not accepting connections/],
])('a %s rejects everything with what to do, and known keys verify', async (_, what, bad, good, sentence) => {
  const alter = (to: string): Promise<unknown> =>
    administer(`alter ${what.startsWith('role') ? what : `database ${name} ${what}`} ${to}`);
  await alter(bad);
  try {
    await disconnect();
    await expectAllRefused(sentence);
  } finally {
    await alter(good);
  }
  await expectWell();
});

test('a missing database rejects everything with what to do, and known keys verify', async () => {
  const rename = async (from: string, to: string): Promise<void> => {
    // A database that somebody is connected to cannot be renamed, and the server connects again and again.
    await administer(`alter database ${from} allow_connections false`);
    await disconnect();
    await administer(`alter database ${from} rename to ${to}`);
    await administer(`alter database ${to} allow_connections true`);
  };
  await rename(name, `${name}_away`);
  try {
    await expectAllRefused(/DATABASE_URL/);
  } finally {
    await rename(`${name}_away`, name);
  }
  await expectWell();
});

test.each([
  ['53100', /out of disk space.*Free some/],
  ['53200', /out of memory.*Try again/],
  ['53400', /limits.*Raise the limit/],
  ['58030', /cannot read or write its files.*log/],
  ['42501', /account.*not allowed.*owner/],
])(
  'SQLSTATE %s of any statement is reported with what to do, and known keys verify',
  async (state, sentence) => {
    const tables = ['app_user', 'api_key'];
    await database.query(
      `create function refuse() returns boolean language plpgsql as $$ begin raise 'refused' using errcode = '${state}'; end $$`,
    );
    for (const table of tables) {
      await database.query(`create policy refuse on ${table} using (refuse())`);
      await database.query(`alter table ${table} enable row level security, force row level security`);
    }
    try {
      await expectAllRefused(sentence);
    } finally {
      for (const table of tables) {
        await database.query(`alter table ${table} disable row level security, no force row level security`);
        await database.query(`drop policy refuse on ${table}`);
      }
      await database.query('drop function refuse');
    }
    await expectWell();
  },
);

test.each([
  [
    'table',
    ['app_user', 'api_key'].map((table) => [
      `alter table ${table} rename to ${table}_away`,
      `alter table ${table}_away rename to ${table}`,
    ]),
  ],
  ['schema', [['alter schema public rename to public_away', 'alter schema public_away rename to public']]],
])('a missing %s rejects everything with what to do, until it is back', async (_, steps) => {
  for (const [away] of steps) await database.query(away!);
  try {
    for (const each of [create, list, enter]) {
      expectRefused(await each(), /lacks parts of Keywright's schema.*restore/);
    }
  } finally {
    for (const [, back] of steps) await database.query(back!);
  }
  await expectWell();
});

await testOnDisk('a full disk rejects changes with what to do, and reads continue', async () => {
  const sentence = /out of disk space.*Free some/;
  /** Asks until the full disk takes effect; earlier calls succeed. */
  const untilRefused = async (ask: () => Promise<GraphqlResponse<unknown>>): Promise<void> => {
    for (let i = 0; i < MAX_CHANGES; i++) {
      const answer = await ask();
      if (answer.errors.length === 0) continue;
      expectRefused(answer, sentence);
      return;
    }
    throw new Error('The full disk was never felt.');
  };
  await disk!.fill();
  try {
    await untilRefused(create);
    // Reads need no disk space, and neither do known keys.
    expect((await list()).errors).toEqual([]);
    expect(await codeOfKnown()).toBe('200 VALID');
  } finally {
    await disk!.free();
  }
  await expectWell();
});
