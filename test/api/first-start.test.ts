import { rm } from 'node:fs/promises';
import pg from 'pg';
import { expect, test } from 'vitest';
import { keywrightCommand } from '../support/servers/command-line.js';
import { eventually } from '../support/eventually.js';
import { freshDatabase } from '../support/servers/fresh-database.js';
import { spawnServer } from '../support/servers/server-process.js';
import { temporaryDirectory, writeMasterKey } from '../support/servers/start-keywright.js';

test('of servers that start simultaneously with different master keys, only those with the first one continue', async () => {
  const database = await freshDatabase();
  const directories = await Promise.all([1, 2].map(temporaryDirectory));
  const settings = await Promise.all(
    directories.map(async (directory) => ({
      PORT: '0',
      DATABASE_URL: database.url,
      KEYWRIGHT_DATA_DIR: directory,
      KEYWRIGHT_MASTER_KEY_FILE: await writeMasterKey(directory),
    })),
  );
  expect((await keywrightCommand(settings[0]!, ['migrate'])).code).toBe(0);

  // Held, so that each finds the database without a canary before any of them can write one.
  const holder = new pg.Client({ connectionString: database.url });
  await holder.connect();
  await holder.query('begin');
  await holder.query('select from installation for update');
  const servers = settings.map((one) => spawnServer(one));
  const ready = Promise.allSettled(servers.map((server) => server.ready()));
  await eventually(async () => {
    const waiting = await database.query(
      `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    );
    expect(waiting).toHaveLength(2);
  }, 20_000);
  await holder.query('commit');
  await holder.end();

  const results = await ready;
  expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  const loser = servers[results.findIndex(({ status }) => status === 'rejected')]!;
  expect(loser.stderr()).toMatch(/master key .* is not the one/);
  for (const server of servers) await server.stop();
  await database.drop();
  for (const directory of directories) await rm(directory, { recursive: true, force: true });
}, 120_000);
