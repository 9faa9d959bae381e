import { rm } from 'node:fs/promises';
import type { TestProject } from 'vitest/node';
import { keywrightCommand } from './command-line.js';
import { queryOnce } from './fresh-database.js';
import { startPostgres } from './postgres.js';
import { shareServers } from './shared-keywright.js';
import { temporaryDirectory, writeMasterKey } from './start-keywright.js';

declare module 'vitest' {
  interface ProvidedContext {
    postgresUrl: string;
    /** A migrated, unused database, to be copied. */
    template: string;
    /** Hands out one server per worker. */
    sharedServers: string;
  }
}

const TEMPLATE = 'up_to_date';

/** Starts one PostgreSQL for the whole run; each test file creates its own database in it, usually as a copy of the migrated one. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const postgres = await startPostgres();
  try {
    await queryOnce(postgres.url, `create database ${TEMPLATE}`);
    await migrate(postgres.url.replace(/\/postgres$/, `/${TEMPLATE}`));
  } catch (error) {
    await postgres.stop();
    throw error;
  }
  project.provide('postgresUrl', postgres.url);
  project.provide('template', TEMPLATE);
  const servers = await shareServers(postgres.url, TEMPLATE);
  project.provide('sharedServers', servers.url);
  return async () => {
    try {
      await servers.stop();
    } finally {
      await postgres.stop();
    }
  };
}

async function migrate(url: string): Promise<void> {
  const directory = await temporaryDirectory();
  const settings = {
    DATABASE_URL: url,
    KEYWRIGHT_DATA_DIR: directory,
    KEYWRIGHT_MASTER_KEY_FILE: await writeMasterKey(directory),
  };
  const { code, stdout, stderr } = await keywrightCommand(settings, ['migrate']);
  await rm(directory, { recursive: true, force: true });
  if (code !== 0) throw new Error(`The database for tests could not be migrated.\n${stdout}${stderr}`);
}
