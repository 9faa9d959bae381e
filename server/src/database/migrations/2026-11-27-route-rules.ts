import type { MigrationInterface, QueryRunner } from 'typeorm';

const NOTE = `
  insert into change (entity, entity_id) values ('route_rules', 'all');
  perform pg_notify('keywright_change', '');
  return null;`;

/** They are read all together, so that one statement that changes many of them is noted once. */
const UP = [
  `create table route_rule (
     id text collate "C" primary key,
     position integer not null check (position > 0),
     environments text[] not null
       check (cardinality(environments) > 0 and environments <@ array['PRODUCTION', 'STAGING', 'DEVELOPMENT']),
     method text not null
       check (method in ('ANY', 'GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE')),
     path_pattern text not null,
     access text not null check (access in ('PERMISSION', 'ANY_KEY', 'NOBODY')),
     permission text,
     scope_parameter text,
     description text not null default '',
     constraint route_rule_permission_known foreign key (permission) references permission,
     constraint route_rule_permission_given check ((access = 'PERMISSION') = (permission is not null)),
     constraint route_rule_position_unique unique (position) deferrable initially deferred
   )`,
  `create index route_rule_permission on route_rule (permission) where permission is not null`,
  `alter table installation add column route_no_match text not null default 'DENY'
     constraint installation_route_no_match check (route_no_match in ('DENY', 'ANY_KEY'))`,
  `create function route_rule_note_change() returns trigger language plpgsql as $$ begin ${NOTE} end $$`,
  `create trigger route_rule_note_change after insert or update or delete on route_rule
   for each statement execute function route_rule_note_change()`,
  `create trigger installation_note_route_change after update of route_no_match on installation
   for each row when (old.route_no_match is distinct from new.route_no_match) execute function route_rule_note_change()`,
];

const DOWN = [
  `drop trigger installation_note_route_change on installation`,
  `alter table installation drop column route_no_match`,
  `drop table route_rule`,
  `drop function route_rule_note_change`,
];

/** Route rules, and what requests get that none matches. */
export class RouteRules1795741200000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of UP) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const sql of DOWN) await runner.query(sql);
  }
}
