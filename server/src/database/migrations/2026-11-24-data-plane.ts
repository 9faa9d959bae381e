import type { MigrationInterface, QueryRunner } from 'typeorm';

const BUCKETS = ['minute', 'hour', 'day'] as const;
const COUNTERS = ['usage_minute', 'usage_hour', 'usage_day', 'usage_total'] as const;

/**
 * What the processes that verify keep in common: who they are and what they have applied, how far the journal of each is
 * written, and what quotas and long windows were charged, so that a restart hands out nothing anew.
 */
export class DataPlane1795486200000 implements MigrationInterface {
  name = 'DataPlane1795486200000';

  async up(runner: QueryRunner): Promise<void> {
    for (const bucket of BUCKETS) {
      await runner.query(`alter table usage_${bucket} add column units bigint not null default 0`);
    }
    // Counters are updated again and again: with room on their pages no index has to be told.
    for (const table of COUNTERS) await runner.query(`alter table ${table} set (fillfactor = 70)`);
    await runner.query(`create table usage_journal (
       node text collate "C" primary key,
       segment bigint not null default 0,
       position bigint not null default 0,
       sequence bigint not null default 0,
       at timestamptz not null default now()
     )`);
    await runner.query(`drop table usage_batch`);
    await runner.query(
      `create table request_log_left_out (start timestamptz primary key, count bigint not null)`,
    );
    await runner.query(`create table verification_node (
       id text collate "C" primary key,
       role text not null check (role in ('all', 'manage', 'verify')),
       host text not null,
       version text not null,
       started_at timestamptz not null,
       seen_at timestamptz not null,
       applied pg_snapshot not null,
       keys integer not null,
       backlog_bytes bigint not null,
       lost_events bigint not null
     )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop table verification_node`);
    await runner.query(`drop table request_log_left_out`);
    await runner.query(`drop table usage_journal`);
    await runner.query(`create table usage_batch (
       node text not null,
       batch bigint not null,
       at timestamptz not null default now(),
       primary key (node, batch)
     )`);
    await runner.query(`create index usage_batch_at on usage_batch (at)`);
    for (const table of COUNTERS) await runner.query(`alter table ${table} reset (fillfactor)`);
    for (const bucket of BUCKETS) await runner.query(`alter table usage_${bucket} drop column units`);
  }
}
