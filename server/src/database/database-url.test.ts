import { describe, expect, test } from 'vitest';
import { parseDatabaseUrl } from './connection.js';
import { ConfigError, readConfig } from '../config/env.js';

/** The error for a DATABASE_URL; undefined if it is valid. */
function saidOf(url: string): string | undefined {
  try {
    readConfig({ DATABASE_URL: url });
    return undefined;
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
}

describe('DATABASE_URL', () => {
  test.each([
    'postgres://kw:secret@db.example/kw',
    'postgresql://kw:p%40ss%2Fword%23%25@db.example:5433/kw?sslmode=require',
    'postgres://kw@server:secret@db.example/kw',
    'postgres://kw:a,b@db.example/kw',
    'postgres://kw@/kw?host=/run/postgresql',
    'postgres://kw:secret@[::1]:5432/kw',
    'postgres://kw:a[b%c@db.example/kw',
    'postgres://db.example',
  ])('%s is accepted', (url) => {
    expect(saidOf(url)).toBeUndefined();
  });

  test.each([
    'postgres://kw:hunter2/hunter3@db.example/kw',
    'postgres://kw:1234/hunter3@db.example/kw',
    'postgres://kw:1234#hunter3@db.example/kw',
    'postgres://kw:1234?hunter3@db.example/kw',
    'postgres://kw:hunter2@1/hunter3@db.example/kw',
    'postgres://kw:hunter2@hunter3?1@db.example/kw',
    'postgres://kw:hunter2%FF@db.example/kw',
    'postgres://kw:hunter2',
    'postgres://kw:hunter2@db.example:port/kw',
  ])('a password that is not percent-encoded gets a hint and is not repeated: %s', (url) => {
    const said = saidOf(url);
    expect(said).toMatch(/^DATABASE_URL .*percent-encoded/);
    expect(said).not.toMatch(/hunter|1234/);
  });

  test.each([
    'postgres://kw:hunter2@one.example,two.example/kw',
    'postgres://kw:hunter2@one.example:5432,two.example:5433/kw?target_session_attrs=read-write',
    'postgres://kw:hunter2@/kw?host=one.example,two.example',
    'postgres://kw:hunter2@one.example/kw?port=5432,5433',
  ])('several hosts are rejected: %s', (url) => {
    const said = saidOf(url);
    expect(said).toMatch(/several hosts/);
    expect(said).not.toContain('hunter2');
  });

  test('an unreadable certificate is named', () => {
    expect(saidOf('postgres://kw:hunter2@db.example/kw?sslrootcert=/nowhere/ca.pem')).toBe(
      'DATABASE_URL names the file /nowhere/ca.pem, which cannot be read (ENOENT).',
    );
  });

  test('omitted parts have the defaults of PostgreSQL', () => {
    expect(parseDatabaseUrl('postgres://db.example')).toMatchObject({
      host: 'db.example',
      port: 5432,
      user: 'postgres',
      database: 'postgres',
    });
  });
});
