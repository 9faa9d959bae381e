import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import type pg from 'pg';
import { deriveSecrets, readMasterKey } from '@keywright/server/master-key';
import { maskToken, tokenTail } from '@keywright/schema/mask-token';
import { digestToken, mintToken } from '@keywright/server/token';
import type { Installation } from './keywright-server.js';

const CHUNK = 10_000;
/** Max keys added through the change feed of a running server; more are loaded by the next server that starts. */
const MAX_KEYS_BY_FEED = 20_000;
const NOTED = ['api_key', 'api_key_grant'];

/** Permission and scope of the keys, required by each verification. */
export const ASKED = {
  environment: 'PRODUCTION',
  permission: 'view_customer',
  scope: 'scp_01000000000000000000000002',
  ip: '203.0.113.9',
} as const;

/** The scope of the grant, above the requested scope. */
const CUSTOMER = 'scp_01000000000000000000000001';

const SCOPES = `
  insert into scope (id, kind, name, name_folded, email, email_folded, joined_on, parent_id, api_enabled) values
    ('${CUSTOMER}', 'CUSTOMER', 'Bench', 'bench', 'c@example.test', 'c@example.test', current_date,
     'scp_00000000000000000000000000', true),
    ('${ASKED.scope}', 'ORGANIZATION', 'Bench', 'bench', null, null, null, '${CUSTOMER}', true)`;

const ID = `'key_01' || lpad(n::text, 24, '0')`;

const KEYS = `
  insert into api_key (id, name, name_folded, kind, environment, enabled, locked, rate_limits, allowed_cidrs, expires_at,
    created_at, created_by_kind, created_by_name, updated_at, public_part, masked_secret, tail, secret_digest, pepper_id, scope_id)
  select ${ID}, 'Bench key ' || lpad(n::text, 8, '0'), 'bench key ' || lpad(n::text, 8, '0'), 'BEARER', '${ASKED.environment}',
    true, false, '[{"name":"minute","limit":1000000,"windowSeconds":60}]', '{203.0.113.0/24}', now() + interval '1 year',
    now(), 'USER', 'Bench', now(), public_part, masked, tail, decode(digest, 'hex'), $1, '${CUSTOMER}'
  from unnest($2::int[], $3::text[], $4::text[], $5::text[], $6::text[]) t(n, public_part, masked, tail, digest)`;

const GRANTS = `
  insert into api_key_grant (api_key_id, position, scope_id, permissions)
  select ${ID}, 0, '${CUSTOMER}', '{${ASKED.permission}}' from unnest($1::int[]) n`;

const USAGE = `insert into api_key_usage (api_key_id) select ${ID} from unnest($1::int[]) n`;

/** Statements that drop and restore foreign keys and the indexes without a constraint. */
const SLOW = `
  with filled as (select unnest('{api_key,api_key_grant,api_key_usage}'::regclass[]) as oid)
  select format('alter table %s drop constraint %I', conrelid::regclass, conname) as gone,
    format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(c.oid)) as back
  from pg_constraint c join filled on filled.oid = conrelid where contype = 'f'
  union all
  select format('drop index %s', indexrelid::regclass), pg_get_indexdef(indexrelid)
  from pg_index join filled on filled.oid = indrelid where not indisunique`;

/** Drops indexes and foreign keys that are much faster to build once at the end; returns the statements that restore them. */
async function dropSlow(database: pg.Client): Promise<() => Promise<void>> {
  const { rows } = await database.query<{ gone: string; back: string }>(SLOW);
  for (const { gone } of rows) await database.query(gone);
  return async () => {
    await database.query(`set maintenance_work_mem = '256MB'`);
    for (const { back } of rows) await database.query(back);
    await database.query('reset maintenance_work_mem');
  };
}

const setNotes = async (database: pg.Client, state: 'enable' | 'disable'): Promise<void> => {
  for (const table of NOTED) {
    await database.query(`alter table ${table} ${state} trigger ${table}_note_change`);
  }
};

/**
 * Adds real keys directly to the database and writes their tokens to a file, one per line; returns its path. Running servers are
 * not notified of a large number; only servers started later load it.
 */
export async function seedVerifyKeys(to: Installation, count: number): Promise<string> {
  const { database, masterKeyFile, directory } = to;
  const pepperId = 1;
  const ids = { pepperId, encryptionKeyId: 1 };
  const pepper = deriveSecrets((await readMasterKey(masterKeyFile))!, ids).peppers.get(pepperId)!;
  const file = join(directory, 'tokens');
  const tokens = createWriteStream(file);
  await database.query(SCOPES);
  const quietly = count > MAX_KEYS_BY_FEED;
  if (quietly) await setNotes(database, 'disable');
  const restore = quietly ? await dropSlow(database) : undefined;
  let inserted: Promise<unknown> = Promise.resolve();
  for (let from = 0; from < count; from += CHUNK) {
    const numbers = Array.from({ length: Math.min(CHUNK, count - from) }, (_, i) => from + i);
    const minted = numbers.map(() => mintToken('kw', ASKED.environment));
    const values = [
      pepperId,
      numbers,
      minted.map(({ publicPart }) => publicPart),
      minted.map(({ token }) => maskToken(token)),
      minted.map(({ token }) => tokenTail(token)),
      minted.map(({ token }) => digestToken(pepper, token).toString('hex')),
    ];
    tokens.write(minted.map(({ token }) => `${token}\n`).join(''));
    // Generate the next chunk while PostgreSQL inserts this one.
    await inserted;
    inserted = (async () => {
      await database.query('begin');
      await database.query(KEYS, values);
      await database.query(GRANTS, [numbers]);
      await database.query(USAGE, [numbers]);
      await database.query('commit');
    })();
  }
  await inserted;
  await restore?.();
  if (quietly) await setNotes(database, 'enable');
  tokens.end();
  await once(tokens, 'finish');
  await database.query('vacuum analyze');
  return file;
}
