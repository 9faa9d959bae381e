import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type pg from 'pg';

/** The password file of a data directory's PostgreSQL, in libpq format. */
export const passwordFileOf = (dataDir: string): string => join(dataDir, 'postgres.pgpass');

/** The password of a data directory's PostgreSQL. */
export const passwordOf = async (dataDir: string): Promise<string> =>
  (await readFile(passwordFileOf(dataDir), 'utf8')).trim().split(':').at(-1)!;

/** Connection options for the PostgreSQL of a data directory in use by a server; without a password if `password` is null. */
export async function includedDatabase(
  dataDir: string,
  password?: string | null,
): Promise<pg.ClientConfig & { readonly host: string }> {
  const given = password === undefined ? await passwordOf(dataDir) : password;
  const host = join(dataDir, 'sockets');
  return { host, user: 'keywright', database: 'keywright', ...(given === null ? {} : { password: given }) };
}
