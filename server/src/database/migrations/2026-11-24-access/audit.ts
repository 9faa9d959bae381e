const COVERED = `jsonb_build_array(
       e.seq, e.id, (extract(epoch from e.at) * 1000000)::bigint, e.actor_kind, e.actor_id, e.actor_name, e.action,
       e.target_type, e.target_id, e.target_name, e.ip, e.changes, e.previous_hash)`;

const hash = (covered: string): string =>
  `create or replace function audit_hash(e audit_event) returns text language sql immutable as $$
     select encode(sha256(convert_to((${covered})::text, 'UTF8')), 'hex')
   $$`;

/**
 * Where an event happened: the scopes from the root to what it is about, as they were then. Who may read the audit log in a
 * part of the tree sees the events of that part. The hash covers it; events from before have none, and keep their hash.
 */
export const auditUp: readonly string[] = [
  `alter table audit_event add column scope_path text[]`,
  `create index audit_event_scope on audit_event using gin (scope_path)`,
  hash(`${COVERED} || case when e.scope_path is null then '[]'::jsonb else to_jsonb(e.scope_path) end`),
];

/** Undoes {@link auditUp}; the hashes of events that had a place no longer hold then. */
export const auditDown: readonly string[] = [
  hash(COVERED),
  `drop index audit_event_scope`,
  `alter table audit_event drop column scope_path`,
];
