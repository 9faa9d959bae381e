import { describeConnection } from '../database/connection.js';
import { migrateDatabase } from '../database/open-database.js';
import type { Command } from './command.js';

/** Migrates the database and reports what it did. */
export const migrate: Command = async ({ workspace, terminal }) => {
  const { connection } = workspace;
  const ran = await migrateDatabase(connection, () =>
    terminal.print('Another process is migrating the database; waiting for it…'),
  );
  const where = describeConnection(connection);
  if (ran.length === 0) terminal.print(`The database ${where} was already up to date.`);
  else {
    for (const name of ran) terminal.print(`Migrated: ${name}`);
    terminal.print(`The database ${where} is now up to date.`);
  }
  return true;
};
