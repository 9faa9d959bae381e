import { readFile, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createKey, signIn, verify } from '../support/peers/client.js';
import { keywrightCommand, printed, type Ran } from '../support/servers/command-line.js';
import { freePort } from '../support/servers/free-port.js';
import { freshDatabase, type FreshDatabase } from '../support/servers/fresh-database.js';
import { request } from '../support/peers/graphql.js';
import { spawnServer } from '../support/servers/server-process.js';
import {
  OWNER,
  startKeywright,
  temporaryDirectory,
  writeMasterKey,
} from '../support/servers/start-keywright.js';

// Each command starts a new process.
vi.setConfig({ testTimeout: 120_000 });

const PASSWORD = 'a password of the command line';
/** Must never be printed. */
const secrets = new Set<string>([PASSWORD, OWNER.password]);

const owner = (email: string, name = 'Second Owner'): string[] => [
  'create-owner',
  '--email',
  email,
  '--name',
  name,
  '--password-stdin',
];

/** Expects that a command failed with a message and without a stack trace. */
function expectFault(ran: Ran, what: RegExp, code = 1): void {
  expect(ran.stderr).toMatch(what);
  expect(ran.stderr).not.toMatch(/^\s+at /m);
  expect(ran.code, ran.stderr).toBe(code);
}

beforeAll(() => {
  // Without the output of earlier files.
  printed.length = 0;
});
afterAll(() => {
  const all = printed.join('\n');
  expect(all.length).toBeGreaterThan(500);
  for (const secret of secrets) expect(all.includes(secret), secret).toBe(false);
});

describe('on an empty database', () => {
  let database: FreshDatabase;
  let dataDir: string;
  let settings: Record<string, string>;
  const run = (args: readonly string[], stdin?: string): Promise<Ran> =>
    keywrightCommand(settings, args, stdin);
  beforeAll(async () => {
    [database, dataDir] = await Promise.all([freshDatabase(), temporaryDirectory()]);
    const file = await writeMasterKey(dataDir);
    secrets.add((await readFile(file, 'utf8')).trim());
    settings = {
      PORT: '0',
      DATABASE_URL: database.url,
      KEYWRIGHT_DATA_DIR: dataDir,
      KEYWRIGHT_MASTER_KEY_FILE: file,
    };
  });
  afterAll(async () => {
    await database.drop();
    await rm(dataDir, { recursive: true, force: true });
  });

  test('every command but migrate requires an up-to-date database and changes nothing', async () => {
    expectFault(await run(['check']), /not up to date.*keywright migrate/);
    for (const args of [['rotate', 'pepper'], ['rotate', 'encryption-key'], owner('a@example.test')]) {
      expectFault(await run(args, `${PASSWORD}\n`), /not up to date.*keywright migrate/);
    }
    const tables = await database.query(`select from pg_class where relnamespace = 'public'::regnamespace`);
    expect(tables).toEqual([]);
  });

  test('migrate reports what it did, and an owner can be created before the first start', async () => {
    const first = await run(['migrate']);
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout).toMatch(/Migrated: Initial.*is now up to date/s);
    const second = await run(['migrate']);
    expect(second).toMatchObject({ code: 0, stderr: '' });
    expect(second.stdout).toMatch(/already up to date/);
    expect(await run(['check'])).toMatchObject({ code: 0, stderr: '' });

    expect(await run(owner('first@example.test'), `${PASSWORD}\n`)).toEqual({
      code: 0,
      stdout: 'first@example.test is now an owner.\n',
      stderr: '',
    });
    const server = spawnServer(settings);
    const url = await server.ready();
    expect(server.stdout()).not.toContain('#token=');
    const bearer = await signIn(url, { email: 'first@example.test', password: PASSWORD });
    const { viewer } = await request<{ viewer: { permissions: string[] } }>(
      url,
      '{ viewer { permissions } }',
      {},
      { bearer },
    );
    expect(viewer.permissions).toEqual(['*']);
    await server.stop();
  });

  test('a schema of a later version is left untouched', async () => {
    await database.query(`insert into migrations (timestamp, name) values (9, 'Later9')`);
    expectFault(await run(['check']), /newer Keywright/);
    expectFault(await run(['rotate', 'pepper']), /newer Keywright/);
    await database.query(`delete from migrations where name = 'Later9'`);
  });
});

describe('next to a running server', () => {
  let keywright: Awaited<ReturnType<typeof startKeywright>>;
  const run = (args: readonly string[], stdin?: string, more: Record<string, string> = {}): Promise<Ran> =>
    keywrightCommand({ ...keywright.settings, ...more }, args, stdin);
  beforeAll(async () => {
    keywright = await startKeywright();
    const bearer = await signIn(keywright.url);
    secrets.add((await createKey(keywright.url, { bearer })).secret.slice(20));
  });
  afterAll(() => keywright.stop());

  test('another owner can sign in immediately, and the audit log names the system as creator', async () => {
    expect(await run(owner('Further@example.test'), `${PASSWORD}\r\n`)).toMatchObject({
      code: 0,
      stderr: '',
    });
    await signIn(keywright.url, { email: 'further@example.test', password: PASSWORD });
    const rows = await keywright.database.query(
      `select actor_kind, action, target_name from audit_event where action = 'user.created' order by seq desc limit 1`,
    );
    expect(rows).toEqual([{ actor_kind: 'SYSTEM', action: 'user.created', target_name: 'Second Owner' }]);
  });

  test('a taken or invalid address, a weak password and an empty name are rejected', async () => {
    const before = await keywright.database.query('select from app_user');
    expectFault(await run(owner(OWNER.email.toUpperCase()), PASSWORD), /already exists/);
    expectFault(await run(owner('no address'), PASSWORD), /not a valid e-mail address/);
    expectFault(await run(owner('b@example.test'), 'short'), /password must have 12 to 200/);
    expectFault(await run(owner('b@example.test', ' '), PASSWORD), /A name must be/);
    expect(await keywright.database.query('select from app_user')).toHaveLength(before.length);
  });

  test('wrong usage gets a one-sentence error and exit code 2', async () => {
    expectFault(await run(owner('b@example.test'), ''), /no password/, 2);
    expectFault(await run(owner('b@example.test').slice(0, -1), PASSWORD), /--password-stdin/, 2);
    expectFault(await run([...owner('b@example.test'), '--password', PASSWORD]), /Unknown option/, 2);
    expectFault(await run(['create-owner', '--name', 'x', '--password-stdin']), /--email/, 2);
    expectFault(await run(['rotate', 'everything']), /Unknown command 'everything'/, 2);
    expectFault(await run([...owner('b@example.test'), PASSWORD]), /Too many arguments/, 2);
    expectFault(await run([]), /Usage: keywright/, 2);
    expect(await run(['--help'])).toMatchObject({ code: 0, stderr: '' });
    expect(await run(['--version'])).toMatchObject({ code: 0, stderr: '' });
  });

  test('all invalid settings are reported together', async () => {
    const ran = await run(['check'], '', { PORT: 'eighty', KEYWRIGHT_SANDBOX: 'maybe' });
    expectFault(ran, /PORT.*KEYWRIGHT_SANDBOX/s);
  });

  test('an unreachable database is named without its password', async () => {
    secrets.add('hunter2hunter2');
    const port = await freePort();
    const away = { DATABASE_URL: `postgres://kw:hunter2hunter2@127.0.0.1:${port}/kw` };
    expectFault(await run(['check'], '', away), new RegExp(`cannot be reached.*${port}`));
  });

  test('check finds no problems', async () => {
    const ran = await run(['check']);
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    for (const sentence of [
      /is reachable/,
      /is up to date/,
      /master key is the one/,
      /Pepper 1 is in use\.\n1 key is digested with pepper 1\./,
      /Encryption key 1 is in use/,
      /All sealed secrets can be opened/,
      /audit log is intact: \d+ events/,
      /clocks .* differ by \d+ ms/,
      /No problems found/,
    ]) {
      expect(ran.stdout).toMatch(sentence);
    }
  });

  test('every command rejects another master key and changes nothing', async () => {
    const directory = await temporaryDirectory();
    const other = { KEYWRIGHT_MASTER_KEY_FILE: await writeMasterKey(directory) };
    const missing = { KEYWRIGHT_MASTER_KEY_FILE: `${directory}/none.key` };
    for (const args of [
      ['check'],
      ['rotate', 'pepper'],
      ['rotate', 'encryption-key'],
      owner('c@example.test'),
    ]) {
      expectFault(await run(args, PASSWORD, other), /master key .* is not the one/);
    }
    expectFault(await run(['check'], '', missing), /master key .* is missing/);
    expectFault(await run(['rotate', 'pepper'], '', missing), /master key .* is missing/);
    const ids = await keywright.database.query('select pepper_id, encryption_key_id from installation');
    expect(ids).toEqual([{ pepper_id: 1, encryption_key_id: 1 }]);
    await rm(directory, { recursive: true, force: true });
  });

  test('check reports everything that was tampered with', async () => {
    const { database } = keywright;
    await database.query('alter table audit_event disable trigger audit_refuse');
    const [event] = await database.query<{ action: string; id: string }>(
      'select action, id from audit_event where seq = 2',
    );
    await database.query(`update audit_event set action = 'x' where seq = 2`);
    await database.query(
      `insert into two_factor (user_id, sealed_secret, begun_at) select id, $1, now() from app_user limit 1`,
      [Buffer.alloc(60, 1)],
    );
    const ran = await run(['check']);
    expectFault(ran, new RegExp(`1 cannot be opened.*breaks at ${event!.id}`, 's'));
    expect(ran.stdout).not.toContain('No problems found');
    const rotated = await run(['rotate', 'encryption-key']);
    expectFault(rotated, /1 sealed secret could not be opened/);
    await database.query('delete from two_factor');
    await database.query('update audit_event set action = $1 where seq = 2', [event!.action]);
    await database.query('alter table audit_event enable trigger audit_refuse');
    expect(await run(['check'])).toMatchObject({ code: 0, stderr: '' });
  });
});

test('commands use the embedded database of the running server, or start it', async () => {
  const dataDir = await temporaryDirectory();
  const settings = { PORT: '0', KEYWRIGHT_DATA_DIR: dataDir };
  expectFault(await keywrightCommand(settings, ['check']), /The data directory .* has no database yet/);

  expect(await keywrightCommand(settings, ['migrate'])).toMatchObject({ code: 0, stderr: '' });
  expect(await keywrightCommand(settings, owner('e@example.test'), PASSWORD)).toMatchObject({ code: 0 });
  const server = spawnServer(settings);
  const url = await server.ready();
  const bearer = await signIn(url, { email: 'e@example.test', password: PASSWORD });
  const key = await createKey(url, { bearer });
  secrets.add(key.secret.slice(20));

  const during = await keywrightCommand(settings, ['rotate', 'pepper']);
  expect(during).toMatchObject({ code: 0, stderr: '' });
  expect(during.stdout).toMatch(/Pepper 2 is now in use.*1 key has an older digest; /s);
  await sleep(1000);
  expect((await verify(url, key.secret, { key: key.secret })).body.code).toBe('VALID');
  await server.stop();

  const after = await keywrightCommand(settings, ['check']);
  expect(after).toMatchObject({ code: 0, stderr: '' });
  // Stopping has flushed pending writes.
  expect(after.stdout).toContain('1 key is digested with pepper 2.');
  secrets.add((await readFile(`${dataDir}/master.key`, 'utf8')).trim());
  const again = spawnServer(settings);
  await again.ready();
  await again.stop();
  await rm(dataDir, { recursive: true, force: true });
});
