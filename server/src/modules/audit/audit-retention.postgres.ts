import type { DataSource } from 'typeorm';
import { DAY_MS, type Clock } from '../../core/clock.js';
import { managerOf, transactionsOf } from '../../core/transaction.postgres.js';
import type { Transaction } from '../../core/transaction.js';
import { SYSTEM_ACTOR } from '../access/decide/actor.js';
import { domainEvent } from '../events/domain-event.js';
import type { EventRecorder } from '../events/event-recorder.js';

/** Maximum number of events removed per transaction; concurrent changes wait for it. */
const EVENTS_AT_ONCE = 10_000;

/** The last event of the leading run of events older than a moment; none if the oldest event is not older. */
const LAST_EXPIRED = `
  with oldest as (select seq, at, hash from audit_event where seq > $1 order by seq limit ${EVENTS_AT_ONCE}),
    kept as (select min(seq) as seq from oldest where at >= $2)
  select oldest.seq, hash from oldest, kept where kept.seq is null or oldest.seq < kept.seq
  order by oldest.seq desc limit 1`;

/**
 * Removes audit events past their retention, in whole days and only from the beginning of the log. Stores the hash of
 * the last removed event so that the rest of the chain still verifies, and records each removal as an event.
 */
export class AuditRetention {
  constructor(
    private readonly dataSource: DataSource,
    private readonly events: EventRecorder,
    private readonly clock: Clock,
    /** undefined: events are kept forever. */
    private readonly keepDays: number | undefined,
  ) {}

  /** Removes events past their retention. Safe to run in several processes at a time. Error: any database error. */
  async prune(): Promise<void> {
    if (this.keepDays === undefined) return;
    const todayMs = Math.floor(this.clock.now() / DAY_MS) * DAY_MS;
    const before = new Date(todayMs - this.keepDays * DAY_MS);
    while (await transactionsOf(this.dataSource)((tx) => this.removeSome(tx, before)));
  }

  /** Whether any events were removed. */
  private async removeSome(tx: Transaction, before: Date): Promise<boolean> {
    const manager = managerOf(tx);
    const [head] = (await manager.query(
      'select removed_seq as seq, removed_hash as hash from audit_head for update',
    )) as [{ seq: number; hash: string }];
    const [last] = (await manager.query(LAST_EXPIRED, [head.seq, before])) as { seq: number; hash: string }[];
    if (!last) return false;
    await manager.query(`select set_config('keywright.audit_retention', 'on', true)`);
    await manager.query('delete from audit_event where seq <= $1', [last.seq]);
    await manager.query(`select set_config('keywright.audit_retention', 'off', true)`);
    await manager.query('update audit_head set removed_seq = $1, removed_hash = $2', [last.seq, last.hash]);
    await this.events.record(
      tx,
      { actor: SYSTEM_ACTOR, ip: null },
      domainEvent(
        'audit_log.pruned',
        { type: 'AuditLog', id: null, name: null },
        {
          removedEvents: { before: head.seq, after: last.seq },
          lastRemovedHash: { before: head.hash, after: last.hash },
        },
      ),
    );
    return true;
  }
}
