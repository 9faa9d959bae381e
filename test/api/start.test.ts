import { createServer } from 'node:net';
import { once } from 'node:events';
import { randomBytes } from 'node:crypto';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { signIn } from '../support/peers/client.js';
import { freshDatabase } from '../support/servers/fresh-database.js';
import { freePort } from '../support/servers/free-port.js';
import { graphql } from '../support/peers/graphql.js';
import { spawnServer, type ServerProcess } from '../support/servers/server-process.js';
import { startKeywright, temporaryDirectory, type Keywright } from '../support/servers/start-keywright.js';

/** Expects that the server exits with one clear message and no stack trace. */
async function refusal(server: ServerProcess): Promise<string> {
  const exit = await server.ended;
  const said = server.stderr().trim();
  expect(exit.code, said).toBeGreaterThan(0);
  expect(said).not.toBe('');
  expect(said).not.toMatch(/^\s+at /m);
  expect(server.stdout()).not.toContain('is ready at');
  return said;
}

describe('next to a running Keywright', () => {
  let keywright: Keywright;
  beforeAll(async () => {
    keywright = await startKeywright();
  });
  afterAll(() => keywright.stop());

  test('a second instance on the same data directory is rejected, and the first continues', async () => {
    const said = await refusal(spawnServer(keywright.settings));
    expect(said).toContain(keywright.dataDir);
    expect(said).toMatch(/another keywright/i);
    await signIn(keywright.url);
  });

  test('an occupied port is named', async () => {
    const { port } = new URL(keywright.url);
    const dataDir = await temporaryDirectory();
    const said = await refusal(
      spawnServer({ ...keywright.settings, PORT: port, KEYWRIGHT_DATA_DIR: dataDir }),
    );
    expect(said).toContain(port);
    await signIn(keywright.url);
    await rm(dataDir, { recursive: true, force: true });
  });

  test('another master key is rejected, and the right one still works', async () => {
    const dataDir = await temporaryDirectory();
    const other = join(dataDir, 'other.key');
    await writeFile(other, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600 });
    const said = await refusal(
      spawnServer({ ...keywright.settings, KEYWRIGHT_DATA_DIR: dataDir, KEYWRIGHT_MASTER_KEY_FILE: other }),
    );
    expect(said).toMatch(/master key/i);
    await signIn(keywright.url);
    await rm(dataDir, { recursive: true, force: true });
  });
});

test('SIGTERM stops it cleanly, and a restart keeps the owner and needs no set-up', async () => {
  const keywright = await startKeywright();
  onTestFinished(() => keywright.stop());
  expect(await keywright.process.stop('SIGTERM')).toEqual({ code: 0, signal: null });
  const again = spawnServer(keywright.settings);
  const url = await again.ready();
  expect(again.stdout()).not.toContain('#token=');
  await signIn(url);
  expect((await again.stop()).code).toBe(0);
});

describe('with bad settings', () => {
  let dataDir: string;
  beforeEach(async () => {
    dataDir = await temporaryDirectory();
  });
  afterEach(() => rm(dataDir, { recursive: true, force: true }));

  test('every error is reported at once, and nothing is written', async () => {
    const said = await refusal(
      spawnServer({
        PORT: 'eighty',
        DATABASE_URL: 'mysql://127.0.0.1/x',
        KEYWRIGHT_DATA_DIR: dataDir,
        KEYWRIGHT_SANDBOX: 'maybe',
        KEYWRIGHT_TRUSTED_PROXIES: '0.0.0.0/0',
      }),
    );
    for (const name of ['PORT', 'DATABASE_URL', 'KEYWRIGHT_SANDBOX', 'KEYWRIGHT_TRUSTED_PROXIES']) {
      expect(said).toContain(name);
    }
    expect(await readdir(dataDir)).toEqual([]);
  });

  test('an invalid master key is rejected and left unchanged', async () => {
    const file = join(dataDir, 'master.key');
    await writeFile(file, 'not a key\n', { mode: 0o600 });
    const said = await refusal(spawnServer({ PORT: '0', KEYWRIGHT_DATA_DIR: dataDir }));
    expect(said).toMatch(/master key/i);
    expect(said).toContain(file);
    expect(said).not.toContain('not a key');
    expect(await readFile(file, 'utf8')).toBe('not a key\n');
  });

  test('a database of your own needs its own master key', async () => {
    const database = await freshDatabase();
    const said = await refusal(
      spawnServer({ PORT: '0', DATABASE_URL: database.url, KEYWRIGHT_DATA_DIR: dataDir }),
    );
    expect(said).toMatch(/master key/i);
    expect(said).toContain(join(dataDir, 'master.key'));
    await database.drop();
  });

  test('an unreachable database is named without its password', async () => {
    const file = join(dataDir, 'master.key');
    await writeFile(file, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600 });
    const port = await freePort();
    const said = await refusal(
      spawnServer({
        PORT: '0',
        DATABASE_URL: `postgres://kw:hunter2@127.0.0.1:${port}/kw`,
        KEYWRIGHT_DATA_DIR: dataDir,
      }),
    );
    expect(said).toMatch(/database|DATABASE_URL/);
    expect(said).toContain(String(port));
    expect(said).not.toContain('hunter2');
  });

  test('a database that accepts connections and never answers does not block the start forever', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as { port: number };
    const file = join(dataDir, 'master.key');
    await writeFile(file, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600 });
    const said = await refusal(
      spawnServer({
        PORT: '0',
        DATABASE_URL: `postgres://kw@127.0.0.1:${port}/kw`,
        KEYWRIGHT_DATA_DIR: dataDir,
      }),
    );
    expect(said).toMatch(/database|DATABASE_URL/);
    silent.close();
  });
});

describe('with the embedded database', () => {
  let dataDir: string;
  beforeAll(async () => {
    dataDir = await temporaryDirectory();
  });
  afterEach(async () => {
    // A failed test may have left it running.
    await postgresPid()
      .then((pid) => process.kill(pid, 'SIGQUIT'))
      .catch(() => undefined);
  });
  const remove = (): Promise<void> => rm(dataDir, { recursive: true, force: true });
  afterAll(remove);

  /** Process id of this data directory's PostgreSQL. */
  async function postgresPid(): Promise<number> {
    const text = await readFile(join(dataDir, 'postgres/postmaster.pid'), 'utf8');
    return Number(text.split('\n')[0]);
  }

  test.each(['SIGTERM', 'SIGINT'] as const)('%s stops PostgreSQL too', async (signal) => {
    const server = spawnServer({ PORT: '0', KEYWRIGHT_DATA_DIR: dataDir });
    await server.ready();
    const pid = await postgresPid();
    process.kill(pid, 0);
    expect(await server.stop(signal)).toEqual({ code: 0, signal: null });
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  test('the first start prints a one-time set-up link, which works once', async () => {
    await remove();
    dataDir = await temporaryDirectory();
    const server = spawnServer({ PORT: '0', KEYWRIGHT_DATA_DIR: dataDir });
    const url = await server.ready();
    const token = /\/setup#token=(\S+)/.exec(server.stdout())?.[1];
    expect(token).toMatch(/^\S{20,}$/);
    const owner = {
      token,
      email: 'first@example.test',
      name: 'First Owner',
      password: 'a long enough password',
    };
    const setUp = `mutation ($token: String!, $email: String!, $name: String!, $password: String!) {
      setUpOwner(token: $token, email: $email, name: $name, password: $password) { session { user { email } } }
    }`;
    const first = await graphql(url, setUp, owner);
    expect(first.errors).toEqual([]);
    const second = await graphql(url, setUp, { ...owner, email: 'second@example.test' });
    expect(second.errors).toHaveLength(1);
    await server.stop();

    const again = spawnServer({ PORT: '0', KEYWRIGHT_DATA_DIR: dataDir });
    const { email, password } = owner;
    await signIn(await again.ready(), { email, password });
    expect(again.stdout()).not.toContain('#token=');
    await again.stop();
  });

  test('a killed Keywright leaves nothing that breaks the next start', async () => {
    const first = spawnServer({ PORT: '0', KEYWRIGHT_DATA_DIR: dataDir });
    await first.ready();
    await first.stop('SIGKILL');
    const second = spawnServer({ PORT: '0', KEYWRIGHT_DATA_DIR: dataDir });
    await second.ready();
    expect((await second.stop()).code).toBe(0);
  });
});
