import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';

const CHUNK = 10_000;

/** Words used in names, so that a search matches some but not all. */
const NAMES = `(array['CRM','Billing','Telemetry','Ticketing','Warehouse','Mobile app','Partner','Backup'])`;

/** Adds keys numbered from `from` to below `to`, with the names, states, permissions and usage of a typical installation. */
export async function seedKeys(database: pg.Client, from: number, to: number): Promise<void> {
  for (let start = from; start < to; start += CHUNK) {
    const end = Math.min(start + CHUNK, to) - 1;
    await database.query('begin');
    await database.query(
      `insert into api_key (id, name, name_folded, description, kind, environment, enabled, locked, rate_limits, expires_at,
         created_at, created_by_kind, created_by_id, created_by_name, updated_at, public_part, masked_secret, tail,
         secret_digest, pepper_id)
       select 'key_01' || lpad(i::text, 24, '0'), name, lower(name), 'Seeded key number ' || i, 'BEARER',
         (array['PRODUCTION','STAGING','DEVELOPMENT'])[1 + i % 3], i % 11 <> 0, false,
         case when i % 2 = 0 then '[{"name":"minute","limit":600,"windowSeconds":60}]' else '[]' end::jsonb,
         case when i % 3 = 0 then now() + (i % 900 - 90) * interval '1 day' end,
         now() - i * interval '7 seconds', 'USER', null, 'Admin ' || i % 20, now() - (i * 7919 % 1000003) * interval '1 second',
         lpad(i::text, 12, '0'), 'kw_live_…' || right(md5(i::text), 4), right(md5(i::text), 4),
         sha256(('key ' || i)::bytea), 1
       from (select i, ${NAMES}[1 + i % 8] || ' ' || i as name from generate_series($1::int, $2::int) i) numbered`,
      [start, end],
    );
    await database.query(
      `insert into api_key_grant (api_key_id, position, scope_id, permissions)
       select 'key_01' || lpad(i::text, 24, '0'), 0, 'scp_00000000000000000000000000',
         (array['{view_customer,view_service}','{ticket.read,ticket.create}','{*}','{telemetry.write}'])[1 + i % 4]::text[]
       from generate_series($1::int, $2::int) i`,
      [start, end],
    );
    await database.query(
      `insert into api_key_usage (api_key_id, total, order_total, last_used_at, order_last_used_at)
       select 'key_01' || lpad(i::text, 24, '0'), total, total, used, used
       from (select i, i * 7919 % 100003 as total,
           case when i % 5 <> 0 then now() - (i % 10000) * interval '1 minute' end as used
         from generate_series($1::int, $2::int) i) numbered
       on conflict (api_key_id) do update set total = excluded.total, order_total = excluded.order_total,
         last_used_at = excluded.last_used_at, order_last_used_at = excluded.order_last_used_at`,
      [start, end],
    );
    await database.query(
      `insert into usage_total (api_key_id, code, count)
       select 'key_01' || lpad(i::text, 24, '0'), code, 1 + i % 1000
       from generate_series($1::int, $2::int) i, unnest('{VALID,PERMISSION_DENIED}'::text[]) code`,
      [start, end],
    );
    await database.query(
      `insert into usage_hour (api_key_id, start, environment, code, count)
       select 'key_01' || lpad(i::text, 24, '0'), date_trunc('hour', now()) - hour * interval '1 hour', 'PRODUCTION', 'VALID', 1 + i % 50
       from generate_series($1::int, $2::int) i, generate_series(0, 20, 5) hour`,
      [start, end],
    );
    await database.query('commit');
  }
  await database.query('vacuum analyze');
  // Let the server apply the changes before measuring.
  await sleep(5000);
}
