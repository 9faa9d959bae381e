import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a key keeps of its secrets: it changes with a newer pepper or encryption key too, when nobody changed the key. */
const STORED_SECRETS = [
  'secret_digest',
  'pepper_id',
  'sealed_secret',
  'previous_public_part',
  'previous_digest',
  'previous_pepper_id',
  'previous_sealed_secret',
  'overlap_ends_at',
  'version',
];

const noteChange = (upkeep: string): string => `
  create or replace function api_key_note_change() returns trigger language plpgsql as $$
  declare changed record;
  begin
    if tg_op = 'DELETE' then changed := old; else changed := new; end if;
    ${upkeep}
    perform pg_notify('keywright_change', '');
    return null;
  end $$`;

const NOTE_UPKEEP = noteChange(`
    insert into change (entity, entity_id, upkeep) values ('api_key', changed.id,
      tg_op = 'UPDATE' and new.secret_version = old.secret_version
      and (new.overlap_ends_at is not distinct from old.overlap_ends_at or old.overlap_ends_at <= now())
      and to_jsonb(new) - '{${STORED_SECRETS.join(',')}}'::text[] = to_jsonb(old) - '{${STORED_SECRETS.join(',')}}'::text[]);`);
const NOTE = noteChange(`insert into change (entity, entity_id) values ('api_key', changed.id);`);

/** The change feed tells upkeep of keys (a newer pepper, the end of an overlap that is over) from changes that somebody made. */
export class UpkeepChanges1796000400000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table change add column upkeep boolean not null default false');
    await runner.query(NOTE_UPKEEP);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(NOTE);
    await runner.query('alter table change drop column upkeep');
  }
}
