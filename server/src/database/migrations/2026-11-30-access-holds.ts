import type { MigrationInterface, QueryRunner } from 'typeorm';

const TARGETS = ['service_account', 'role', 'scope'] as const;

const UP = [
  `create table access_hold (
     id text collate "C" primary key,
     entity text not null check (entity in (${TARGETS.map((name) => `'${name}'`).join(', ')})),
     target_id text collate "C" not null,
     restriction jsonb not null,
     excess text[] not null,
     host text not null,
     raised_at timestamptz not null default now(),
     settled_at timestamptz,
     settlement text check (settlement in ('APPLIED', 'RELEASED')),
     constraint access_hold_settled check ((settled_at is null) = (settlement is null))
   )`,
  `create index access_hold_open on access_hold (target_id) where settled_at is null`,
  `create function access_hold_note_change() returns trigger language plpgsql as $$
   begin
     insert into change (entity, entity_id) values (new.entity, new.target_id);
     perform pg_notify('keywright_change', '');
     return null;
   end $$`,
  `create trigger access_hold_note_change after insert or update on access_hold
   for each row execute function access_hold_note_change()`,
  `create function access_hold_forget_target() returns trigger language plpgsql as $$
   begin
     delete from access_hold where target_id = old.id;
     return null;
   end $$`,
  ...TARGETS.map(
    (table) =>
      `create trigger ${table}_forget_holds after delete on ${table} for each row execute function access_hold_forget_target()`,
  ),
];

const DOWN = [
  ...TARGETS.map((table) => `drop trigger ${table}_forget_holds on ${table}`),
  `drop table access_hold`,
  `drop function access_hold_forget_target`,
  `drop function access_hold_note_change`,
];

/** Service accounts, roles and scopes that are held to less than the database says, as keys are. */
export class AccessHolds1796005100000 implements MigrationInterface {
  name = 'AccessHolds1796005100000';

  async up(runner: QueryRunner): Promise<void> {
    for (const sql of UP) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const sql of DOWN) await runner.query(sql);
  }
}
