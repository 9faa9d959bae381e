import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { freePort } from '../support/servers/free-port.js';
import { freshDatabase, type FreshDatabase } from '../support/servers/fresh-database.js';
import { mayMount, smallDisk } from '../support/servers/full-disk.js';
import { temporaryDirectory, writeMasterKey } from '../support/servers/start-keywright.js';

const main = resolve(import.meta.dirname, '../../server/dist/main.js');
const IDLE_MS = 3000;

const mounts = await mayMount();
if (!mounts) console.warn('Not tested, since this account may not mount a disk: a log on a full volume.');
const KINDS = mounts ? ['/dev/full', 'a full volume'] : ['/dev/full'];

let database: FreshDatabase;
let directory: string;
const children: ChildProcess[] = [];
beforeEach(async () => {
  database = await freshDatabase();
  directory = await temporaryDirectory();
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await database.drop();
  await rm(directory, { recursive: true, force: true });
});

interface Running {
  readonly child: ChildProcess;
  readonly url: string;
  readonly ended: Promise<unknown[]>;
}

/** Starts a server that logs each request to `stdout`. */
async function start(stdout: number): Promise<Running> {
  const port = await freePort();
  const child = spawn(process.execPath, [main], {
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      PORT: String(port),
      DATABASE_URL: database.url,
      KEYWRIGHT_DATA_DIR: join(directory, 'data'),
      KEYWRIGHT_MASTER_KEY_FILE: await writeMasterKey(directory),
      KEYWRIGHT_LOG_LEVEL: 'info',
    },
    stdio: ['ignore', stdout, 'ignore'],
  });
  children.push(child);
  const url = `http://127.0.0.1:${port}`;
  const ended = once(child, 'exit');
  await eventually(async () => expect(await isReady(url)).toBe(true), 60_000);
  return { child, url, ended };
}

const isReady = (url: string): Promise<boolean> =>
  fetch(`${url}/readyz`).then(
    ({ ok }) => ok,
    () => false,
  );

/** Ends the server's connections to its database, which it logs. */
const disturb = (): Promise<unknown> =>
  database.query(
    'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
  );

async function dropped(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^keywright_log_lines_dropped_total (\d+)$/m.exec(text)?.[1]);
}

/** Processor time that a process has used, in clock ticks. */
async function ticks(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

/** Ends it with SIGTERM; kills and reports a process that hangs. */
async function stop({ child, ended }: Running): Promise<unknown> {
  child.kill('SIGTERM');
  const late = sleep(18_000, undefined, { ref: false }).then(() => child.kill('SIGKILL'));
  void late;
  const [code, signal] = await ended;
  return { code, signal };
}

describe('a log that cannot be written', () => {
  test.each(KINDS)('%s: requests are answered, and SIGTERM ends it', async (where) => {
    const disk = where === 'a full volume' ? await smallDisk(join(directory, 'log'), 1) : null;
    const file = openSync(disk ? join(directory, 'log/keywright.log') : '/dev/full', 'a');
    try {
      await disk?.fill();
      const server = await start(file);
      const first = await dropped(server.url);
      expect(first).toBeGreaterThan(0);
      await disturb();
      await eventually(async () => expect(await dropped(server.url)).toBeGreaterThan(first), 30_000);
      await eventually(async () => expect(await isReady(server.url)).toBe(true), 30_000);

      const before = await ticks(server.child.pid!);
      await sleep(IDLE_MS);
      // Without requests, it uses far less than one core.
      expect((await ticks(server.child.pid!)) - before).toBeLessThan((IDLE_MS / 1000) * 50);

      if (disk) {
        await disk.free();
        await disturb();
        const file = join(directory, 'log/keywright.log');
        await eventually(
          async () => expect(await readFile(file, 'utf8')).toContain('"level":"warn"'),
          30_000,
        );
      }
      expect(await stop(server)).toEqual({ code: 0, signal: null });
    } finally {
      closeSync(file);
      const ends = children.map((child) => child.exitCode ?? child.signalCode ?? once(child, 'exit'));
      for (const child of children) child.kill('SIGKILL');
      await Promise.all(ends);
      await disk?.unmount();
    }
  });
});

test('a process whose main thread hangs exits at the deadline', async () => {
  const program = `const { cutOffAfter } = await import('@keywright/server/cut-off'); cutOffAfter(500); for (;;);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: 'ignore',
  });
  children.push(child);
  const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
  expect(signal).toBe('SIGKILL');
});
