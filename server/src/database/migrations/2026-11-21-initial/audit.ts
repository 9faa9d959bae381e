/**
 * The audit log is a hash chain: each event's hash covers its own members and the hash before it. The head row serialises
 * appends and shows when the end of the log was cut off. Events cannot be changed or deleted.
 */
export const auditUp: readonly string[] = [
  `create table audit_event (
     seq bigint primary key,
     id text collate "C" not null unique,
     at timestamptz not null,
     actor_kind text not null check (actor_kind in ('USER', 'API_KEY', 'SYSTEM')),
     actor_id text collate "C",
     actor_name text not null,
     action text not null,
     target_type text not null,
     target_id text collate "C",
     target_name text,
     ip text,
     changes jsonb not null,
     previous_hash text not null,
     hash text not null
   )`,
  `create index audit_event_target on audit_event (target_id, seq)`,
  `create index audit_event_actor on audit_event (actor_id, seq)`,
  `create table audit_head (
     single boolean primary key default true check (single),
     seq bigint not null,
     hash text not null
   )`,
  `insert into audit_head (seq, hash) values (0, repeat('0', 64))`,

  `create function audit_hash(e audit_event) returns text language sql immutable as $$
     select encode(sha256(convert_to(jsonb_build_array(
       e.seq, e.id, (extract(epoch from e.at) * 1000000)::bigint, e.actor_kind, e.actor_id, e.actor_name, e.action,
       e.target_type, e.target_id, e.target_name, e.ip, e.changes, e.previous_hash)::text, 'UTF8')), 'hex')
   $$`,
  `create function audit_append() returns trigger language plpgsql as $$
   begin
     select seq + 1, hash into new.seq, new.previous_hash from audit_head for update;
     new.hash := audit_hash(new);
     update audit_head set seq = new.seq, hash = new.hash;
     return new;
   end $$`,
  `create trigger audit_append before insert on audit_event for each row execute function audit_append()`,
  `create function audit_refuse() returns trigger language plpgsql as $$
   begin raise exception 'audit events cannot be changed'; end $$`,
  `create trigger audit_refuse before update or delete or truncate on audit_event
   for each statement execute function audit_refuse()`,
];

/** Undoes {@link auditUp}. */
export const auditDown: readonly string[] = [
  `drop trigger audit_refuse on audit_event`,
  `drop trigger audit_append on audit_event`,
  `drop function audit_refuse`,
  `drop function audit_append`,
  `drop function audit_hash`,
  `drop table audit_head`,
  `drop table audit_event`,
];
