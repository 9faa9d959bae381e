import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Which database this is, as far as the role may ask: managed services and hardened clusters withdraw some of these functions.
 * The timeline comes from the WAL, as the control file knows of a promotion only after its first checkpoint.
 */
const POSITION = `
  create function database_position(
    out system_identifier text, out database_oid bigint, out timeline integer, out standby boolean
  ) language plpgsql stable as $$
  begin
    select oid::bigint into database_oid from pg_catalog.pg_database where datname = pg_catalog.current_database();
    standby := pg_catalog.pg_is_in_recovery();
    begin
      select s.system_identifier::text into system_identifier from pg_catalog.pg_control_system() s;
    exception when others then
      system_identifier := null;
    end;
    if standby then return; end if;
    begin
      timeline := ('x' || pg_catalog.left(pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()), 8))::bit(32)::integer;
    exception when others then
      timeline := null;
    end;
  end $$`;

/**
 * An era is a stretch of history that only goes on. Its id is drawn for one database of one cluster: a copy finds that it
 * belongs to another one, and draws its own; a failover keeps it, and moves the timeline.
 */
const UP = [
  POSITION,
  `create table database_era (
     single boolean primary key default true check (single),
     id uuid not null,
     system_identifier text,
     database_oid bigint not null,
     drawn_at timestamptz not null default now()
   )`,
  `insert into database_era (id, system_identifier, database_oid)
   select installation.id, p.system_identifier, p.database_oid from installation, database_position() p`,
  `create function current_era(out era text, out id uuid, out own boolean, out standby boolean)
   language sql stable as $$
     select concat_ws('/', e.id, coalesce(p.system_identifier, '?'), p.database_oid, coalesce(p.timeline::text, '?')), e.id,
       e.database_oid is not distinct from p.database_oid
         and coalesce(e.system_identifier = p.system_identifier, true), p.standby
     from database_position() p left join database_era e on true
   $$`,
  `alter table verification_node
     add column beat bigint not null default 0,
     add column era text,
     add column database_changes integer not null default 0,
     add column database_changed_at timestamptz`,
];

const DOWN = [
  `alter table verification_node drop column beat, drop column era, drop column database_changes,
     drop column database_changed_at`,
  `drop function current_era`,
  `drop table database_era`,
  `drop function database_position`,
];

/** Tells databases, and their histories, apart. */
export class Eras1796003101000 implements MigrationInterface {
  name = 'Eras1796003101000';

  async up(runner: QueryRunner): Promise<void> {
    for (const sql of UP) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const sql of DOWN) await runner.query(sql);
  }
}
