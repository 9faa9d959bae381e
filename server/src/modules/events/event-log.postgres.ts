import { managerOf } from '../../core/transaction.postgres.js';
import type { Transaction } from '../../core/transaction.js';
import { ROOT_SCOPE } from '../scopes/tree/scope.js';
import type { RecordedEvent } from './domain-event.js';
import type { EventLog } from './event-recorder.js';
import { eventIdOf } from './event.js';

const INSERT = `
  insert into event (id, at, type, environment, actor_kind, actor_id, actor_name, subject_type, subject_id, subject_name,
    scope_id, scope_path, change_token, changes)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11,
    (select array_agg(distinct place) from scope, unnest(path) place where id = any($12)),
    concat_ws('-', pg_current_xact_id(), $13::text), $14)`;

/** Writes events to the table that lists and subscriptions read, in the transaction of the change. */
export class EventLogTable implements EventLog {
  async append(tx: Transaction, event: RecordedEvent, last: RecordedEvent): Promise<void> {
    const { id, at, type, actor, subject, changes } = event;
    const scopeIds = (subject.scopeIds ?? []).filter((scopeId) => scopeId !== ROOT_SCOPE.id);
    await managerOf(tx).query(INSERT, [
      eventIdOf(id),
      at,
      type,
      subject.environment ?? null,
      actor.kind,
      actor.id,
      actor.name,
      subject.type,
      subject.id,
      subject.name,
      scopeIds[0] ?? ROOT_SCOPE.id,
      scopeIds,
      last.id,
      JSON.stringify(changes),
    ]);
  }
}
