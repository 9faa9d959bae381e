import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A key that was disabled together with its creator keeps the user and which disabling of theirs it was. Whoever switches the
 * key by hand, with a process of any release, ends that.
 */
const UP = [
  `alter table app_user add column disablings integer not null default 0`,
  `create function app_user_count_disabling() returns trigger language plpgsql as $$
   begin
     new.disablings := old.disablings + 1;
     return new;
   end $$`,
  `create trigger app_user_disabling before update on app_user for each row
   when (old.enabled and not new.enabled) execute function app_user_count_disabling()`,
  `alter table api_key add column disabled_with_user text collate "C", add column disabling integer`,
  `create function api_key_forget_disabling() returns trigger language plpgsql as $$
   begin
     new.disabled_with_user := null;
     new.disabling := null;
     return new;
   end $$`,
  `create trigger api_key_hand_switch before update on api_key for each row
   when (new.enabled is distinct from old.enabled and new.disabled_with_user is not null
     and new.disabled_with_user is not distinct from old.disabled_with_user
     and new.disabling is not distinct from old.disabling)
   execute function api_key_forget_disabling()`,
  `create index api_key_by_creator_id on api_key (created_by_id) where revoked_at is null`,
  `create index api_key_by_disabling on api_key (disabled_with_user) where disabled_with_user is not null`,
];

const DOWN = [
  `drop index api_key_by_disabling`,
  `drop index api_key_by_creator_id`,
  `drop trigger api_key_hand_switch on api_key`,
  `drop function api_key_forget_disabling`,
  `alter table api_key drop column disabled_with_user, drop column disabling`,
  `drop trigger app_user_disabling on app_user`,
  `drop function app_user_count_disabling`,
  `alter table app_user drop column disablings`,
];

/** Keys that are disabled with the user who created them, and enabled with them again. */
export class KeysOfUsers1796004300000 implements MigrationInterface {
  name = 'KeysOfUsers1796004300000';

  async up(runner: QueryRunner): Promise<void> {
    for (const sql of UP) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const sql of DOWN) await runner.query(sql);
  }
}
