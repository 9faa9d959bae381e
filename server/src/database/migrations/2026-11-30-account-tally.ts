import type { MigrationInterface, QueryRunner } from 'typeorm';

const TALLY_EVENTS = {
  insert: 'referencing new table as after_rows',
  update: 'referencing old table as before_rows new table as after_rows',
  delete: 'referencing old table as before_rows',
};

const EVENTS = ['insert', 'update', 'delete'] as const;

const tallied = (rows: string, n: number): string =>
  `select service_account_id, environment, kind, ${n} as n from ${rows}
   where service_account_id is not null and enabled and revoked_at is null`;

const TALLIED = {
  insert: tallied('after_rows', 1),
  update: `${tallied('after_rows', 1)} union all ${tallied('before_rows', -1)}`,
  delete: tallied('before_rows', -1),
};

/**
 * How many keys of each service account are switched on, so that those whose account or API is off are counted without
 * looking at keys. A table of its own: processes of earlier versions fold the rows of the other tally without it.
 */
const UP = [
  `create table api_key_account_tally (
     service_account_id text collate "C" not null,
     environment text not null,
     kind text not null,
     n bigint not null
   )`,
  ...EVENTS.flatMap((event) => [
    `create function api_key_account_tally_${event}() returns trigger language plpgsql as $$
     begin
       insert into api_key_account_tally
       select service_account_id, environment, kind, sum(n) from (${TALLIED[event]}) changed
       group by 1, 2, 3 having sum(n) <> 0;
       return null;
     end $$`,
    `create trigger api_key_account_tally_${event} after ${event} on api_key ${TALLY_EVENTS[event]}
     for each statement execute function api_key_account_tally_${event}()`,
  ]),
  // The triggers lock the table, so that no key is missed between them and this.
  `insert into api_key_account_tally
   select service_account_id, environment, kind, sum(n) from (${tallied('api_key', 1)}) present group by 1, 2, 3`,
  `create index api_key_expiring_by_account on api_key (expires_at, environment, kind, enabled, service_account_id)
     where revoked_at is null and expires_at is not null`,
  `drop index api_key_expiring`,
];

const DOWN = [
  `create index api_key_expiring on api_key (expires_at, environment, kind, enabled)
     where revoked_at is null and expires_at is not null`,
  `drop index api_key_expiring_by_account`,
  ...EVENTS.flatMap((event) => [
    `drop trigger api_key_account_tally_${event} on api_key`,
    `drop function api_key_account_tally_${event}`,
  ]),
  `drop table api_key_account_tally`,
];

/** Counts of keys whose service account, or the API above it, is switched off. */
export class AccountTally1796000430000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of UP) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const sql of DOWN) await runner.query(sql);
  }
}
