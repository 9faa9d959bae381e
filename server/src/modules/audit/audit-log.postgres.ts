import { managerOf } from '../../core/transaction.postgres.js';
import type { Committed } from '../../core/propagation.js';
import type { Transaction } from '../../core/transaction.js';
import type { RecordedEvent } from '../events/domain-event.js';
import type { EventLog } from '../events/event-recorder.js';
import { ROOT_SCOPE } from '../scopes/tree/scope.js';

/** Includes the end of the audit log: a restored database can reuse a transaction id, but lacks the event. */
const COMMITTED = `
  select concat_ws('-', pg_current_xact_id(), (select id from audit_event where seq = (select seq from audit_head)))
      as "changeToken",
    pg_current_snapshot()::text as saw`;

/** Appends events to the audit log inside the transaction of the change, so that both commit or neither does. */
export class AuditLog implements EventLog {
  /** Appends one event. It locks the head of the log until the commit. */
  async append(tx: Transaction, { id, at, actor, type, subject, ip, changes }: RecordedEvent): Promise<void> {
    const scopeIds = (subject.scopeIds ?? []).filter((scopeId) => scopeId !== ROOT_SCOPE.id);
    await managerOf(tx).query(
      `insert into audit_event
         (id, at, actor_kind, actor_id, actor_name, action, target_type, target_id, target_name, ip, changes, scope_path)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11,
         (select array_agg(distinct place) from scope, unnest(path) place where id = any($12)))`,
      [
        id,
        at,
        actor.kind,
        actor.id,
        actor.name,
        type,
        subject.type,
        subject.id,
        subject.name,
        ip,
        JSON.stringify(changes),
        scopeIds,
      ],
    );
  }

  /** The change token and the snapshot of a transaction. Call it after the last statement. */
  async committed(tx: Transaction): Promise<Committed> {
    const [committed] = (await managerOf(tx).query(COMMITTED)) as [Committed];
    return committed;
  }
}
