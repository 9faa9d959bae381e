import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';

/** A database for one test. */
export interface FreshDatabase {
  /** For `DATABASE_URL`. */
  readonly url: string;
  /** Runs one statement on it, bypassing the server under test. */
  query<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]>;
  drop(): Promise<void>;
}

/** Creates a database in the PostgreSQL of this run: empty, or with empty tables. */
export function freshDatabase({ migrated = false } = {}): Promise<FreshDatabase> {
  return createDatabase(inject('postgresUrl'), migrated ? inject('template') : undefined);
}

/** Creates a database with a random name in the PostgreSQL at this URL, as a copy of `template` if given. */
export async function createDatabase(server: string, template?: string): Promise<FreshDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await queryOnce(server, `create database ${name}${template === undefined ? '' : ` template ${template}`}`);
  const url = server.replace(/\/postgres$/, `/${name}`);
  return {
    url,
    query: (text, values) => queryOnce(url, text, values),
    drop: async () => {
      await queryOnce(server, `drop database if exists ${name} with (force)`);
    },
  };
}

/** Runs one statement over a separate connection. */
export async function queryOnce<Row extends pg.QueryResultRow>(
  url: string,
  text: string,
  values?: unknown[],
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(text, values)).rows;
  } finally {
    await client.end();
  }
}
