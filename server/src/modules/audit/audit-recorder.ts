import type { EntityManager } from 'typeorm';
import type { Clock } from '../../core/clock.js';
import { ID_PREFIXES, newId } from '../../core/id.js';
import { ROOT_SCOPE } from '../scopes/tree/scope.js';
import type { AuditRecord } from './audit-event.js';

/** Appends to the audit log inside the transaction of the change, so that both commit or neither does. */
export class AuditRecorder {
  constructor(private readonly clock: Clock) {}

  /** Appends one event. Call it last in the transaction: it locks the head of the log until the commit. */
  async record(manager: EntityManager, record: AuditRecord): Promise<void> {
    const now = this.clock.now();
    const scopeIds = (record.scopeIds ?? []).filter((id) => id !== ROOT_SCOPE.id);
    await manager.query(
      `insert into audit_event
         (id, at, actor_kind, actor_id, actor_name, action, target_type, target_id, target_name, ip, changes, scope_path)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11,
         (select array_agg(distinct place) from scope, unnest(path) place where id = any($12)))`,
      [
        newId(ID_PREFIXES.auditEvent, now),
        new Date(now),
        record.actor.kind,
        record.actor.id,
        record.actor.name,
        record.action,
        record.targetType,
        record.targetId,
        record.targetName,
        record.ip,
        JSON.stringify(record.changes),
        scopeIds,
      ],
    );
  }
}
