import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP = [
  `create table key_hold (
     id text collate "C" primary key,
     api_key_id text collate "C" not null references api_key on delete cascade,
     restriction jsonb not null,
     excess text[] not null,
     host text not null,
     raised_at timestamptz not null default now(),
     settled_at timestamptz,
     settlement text check (settlement in ('APPLIED', 'RELEASED')),
     constraint key_hold_settled check ((settled_at is null) = (settlement is null))
   )`,
  `create index key_hold_open on key_hold (api_key_id) where settled_at is null`,
  `create function key_hold_note_change() returns trigger language plpgsql as $$
   begin
     insert into change (entity, entity_id) values ('api_key', new.api_key_id);
     perform pg_notify('keywright_change', '');
     return null;
   end $$`,
  `create trigger key_hold_note_change after insert or update on key_hold
   for each row execute function key_hold_note_change()`,
];

const DOWN = [`drop table key_hold`, `drop function key_hold_note_change`];

/** Keys that are held to less than the database says, since it lost what closed them further. */
export class KeyHolds1796003102000 implements MigrationInterface {
  name = 'KeyHolds1796003102000';

  async up(runner: QueryRunner): Promise<void> {
    for (const sql of UP) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const sql of DOWN) await runner.query(sql);
  }
}
