import pg from 'pg';
import parse from 'pg-connection-string';
import { unknownBounds, type StatementBounds } from './bounded-client.js';

/** How to reach PostgreSQL, for both `pg` and TypeORM. */
export interface Connection {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string | undefined;
  readonly database: string;
  readonly ssl: pg.ClientConfig['ssl'];
  /** Absent if connection settings are known to work. */
  readonly bounds?: StatementBounds;
}

/** Parses a `postgres://` URL, including `sslmode` and socket directories. */
export function parseDatabaseUrl(url: string): Connection {
  const parsed = parse.parse(url);
  // Omitted parts are either empty or absent.
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

/** The location of the database for people, without the password. */
export const describeConnection = (connection: Connection): string =>
  connection.host.startsWith('/')
    ? `${connection.database} at ${connection.host}`
    : `${connection.database} at ${connection.host}:${connection.port}`;
