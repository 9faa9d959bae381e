import pg from 'pg';
import parse from 'pg-connection-string';
import { unknownBounds, type StatementBounds } from './bounded-client.js';

/** How to reach PostgreSQL: what both `pg` and TypeORM take. */
export interface Connection {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string | undefined;
  readonly database: string;
  readonly ssl: pg.ClientConfig['ssl'];
  /** Absent: settings of the connection hold. */
  readonly bounds?: StatementBounds;
}

/** Reads a `postgres://` URL, `sslmode` and socket directories included. */
export function parseDatabaseUrl(url: string): Connection {
  const parsed = parse.parse(url);
  // What is left out is empty or absent, as it comes.
  const user = parsed.user || 'postgres';
  return {
    host: parsed.host || 'localhost',
    port: Number(parsed.port || 5432),
    user,
    password: parsed.password || undefined,
    database: parsed.database || user,
    ssl: parsed.ssl as pg.ClientConfig['ssl'],
    bounds: unknownBounds(),
  };
}

/** Where the database is, for people: never with the password. */
export const describeConnection = (connection: Connection): string =>
  connection.host.startsWith('/')
    ? `${connection.database} at ${connection.host}`
    : `${connection.database} at ${connection.host}:${connection.port}`;
