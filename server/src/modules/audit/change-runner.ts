import type { DataSource, EntityManager } from 'typeorm';
import { AppError } from '../../core/errors.js';
import {
  DeferredPropagation,
  type ChangePropagation,
  type Committed,
  type Propagation,
} from '../../core/propagation.js';
import type { Principal } from '../access/principal.js';
import type { AuditRecord } from './audit-event.js';
import type { AuditRecorder } from './audit-recorder.js';

/** A change as the audit log tells it; who did it, and from where, is known. */
export type Noted = Omit<AuditRecord, 'actor' | 'ip'>;

/** What a change made; without `noted` nothing really changed. */
export interface Applied<T> {
  readonly value: T;
  readonly noted: Noted | null;
}

/** A caller as it is now, read in the transaction of its change; null once its session ended or its key is refused. */
export type CallerNow = (by: Principal, manager: EntityManager) => Promise<Principal | null>;

/** The end of the audit log goes along: a database that was restored may use the same transaction id again, but lacks the event. */
const COMMITTED = `
  select concat_ws('-', pg_current_xact_id(), (select id from audit_event where seq = (select seq from audit_head)))
      as "changeToken",
    pg_current_snapshot()::text as saw`;

/** Carries out changes: each commits together with its audit event, and is answered once this process has applied it. */
export class ChangeRunner {
  constructor(
    private readonly dataSource: DataSource,
    private readonly audit: AuditRecorder,
    private readonly propagation: ChangePropagation,
    private readonly callerNow: CallerNow,
  ) {}

  /** The same, with another way to wait for verification. */
  with(propagation: ChangePropagation): ChangeRunner {
    return new ChangeRunner(this.dataSource, this.audit, propagation, this.callerNow);
  }

  /** A way to wait once for several changes, in place of once for each. */
  deferPropagation(): DeferredPropagation {
    return new DeferredPropagation(this.propagation);
  }

  /**
   * Applies one change in a transaction; what it throws undoes it. `lock` is for a change that may take rights from its own
   * caller: it waits for whatever the change would wait for, and the caller is looked at between the two.
   */
  async run<T>(
    by: Principal,
    apply: (manager: EntityManager) => Promise<Applied<T>>,
    lock?: (manager: EntityManager) => Promise<void>,
  ): Promise<{ value: T; propagation: Propagation }> {
    const { value, committed } = await this.dataSource.transaction(async (manager) => {
      await lock?.(manager);
      if (lock) await this.requireUnchanged(by, manager);
      const { value, noted } = await apply(manager);
      if (!lock) await this.requireUnchanged(by, manager);
      if (noted) await this.audit.record(manager, { ...noted, actor: by.actor, ip: by.ip });
      const [committed] = (await manager.query(COMMITTED)) as [Committed];
      return { value, committed };
    });
    return { value, propagation: await this.propagation.settle(committed) };
  }

  /** The same, where only the value is of interest. */
  async apply<T>(
    by: Principal,
    apply: (manager: EntityManager) => Promise<Applied<T>>,
    lock?: (manager: EntityManager) => Promise<void>,
  ): Promise<T> {
    return (await this.run(by, apply, lock)).value;
  }

  /** A change may have waited for others: it is not carried out with rights that are gone. Error: CONFLICT. */
  private async requireUnchanged(by: Principal, manager: EntityManager): Promise<void> {
    const now = await this.callerNow(by, manager);
    if (now) {
      const lost = now.access.missing(by.access).flatMap(({ permissions }) => permissions);
      if (lost.length === 0) return;
      // What was only deleted from the catalogue meanwhile takes nothing from anybody.
      const known: unknown[] = await manager.query(
        'select 1 from unnest($1::text[]) lost where exists (select from permission where name = lost) or lost like $2 limit 1',
        [lost, '%*'],
      );
      if (known.length === 0) return;
    }
    throw new AppError('CONFLICT', 'What you may do has changed meanwhile. Look again, and try once more.');
  }
}
