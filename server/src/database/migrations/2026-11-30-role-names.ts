import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP = [
  `alter table role add column name_folded text collate "C"`,
  // Of roles that share a name already, the first keeps it; the others get a folded name once they are renamed.
  `update role r set name_folded = folded(r.name) where not exists (
     select from role other where folded(other.name) = folded(r.name)
       and (not other.built_in, other.id) < (not r.built_in, r.id))`,
  `create unique index role_folded_name_unique on role (name_folded)`,
  `create function role_fold_name() returns trigger language plpgsql as $$
   begin
     if tg_op = 'INSERT' or new.name <> old.name then new.name_folded := folded(new.name); end if;
     return new;
   end $$`,
  `create trigger role_fold_name before insert or update of name on role
   for each row execute function role_fold_name()`,
  // What an early migration folded for names that there were then: it only put them into lower case.
  `update scope set name_folded = folded(name), email_folded = folded(email)
   where kind = 'CUSTOMER' and (name_folded, email_folded) is distinct from (folded(name), folded(email))
     and (name_folded, email_folded) is not distinct from (lower(name), lower(email))`,
];

const DOWN = [
  `drop trigger role_fold_name on role`,
  `drop function role_fold_name`,
  `alter table role drop column name_folded`,
];

/** Names of roles are unique as other names are: folded by NFKC and case. Those that collide already stay as they are. */
export class RoleNames1796005300000 implements MigrationInterface {
  name = 'RoleNames1796005300000';

  async up(runner: QueryRunner): Promise<void> {
    for (const sql of UP) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const sql of DOWN) await runner.query(sql);
  }
}
