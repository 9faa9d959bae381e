import type { DataSource, EntityManager } from 'typeorm';
import { AppError } from '../../core/errors.js';
import {
  DeferredPropagation,
  type ChangePropagation,
  type Committed,
  type Propagation,
} from '../../core/propagation.js';
import type { Principal } from '../access/decide/principal.js';
import type { AuditRecord } from './audit-event.js';
import type { AuditRecorder } from './audit-recorder.js';

/** A change for the audit log, without actor and address, which the caller supplies. */
export type Noted = Omit<AuditRecord, 'actor' | 'ip'>;

/** Result of a change; `noted` is null if nothing changed. */
export interface Applied<T> {
  readonly value: T;
  readonly noted: Noted | null;
}

/** Reads the caller again in the transaction of the change; null if the session has ended or the key is rejected. */
export type CallerNow = (by: Principal, manager: EntityManager) => Promise<Principal | null>;

/** Includes the end of the audit log: a restored database can reuse a transaction id, but lacks the event. */
const COMMITTED = `
  select concat_ws('-', pg_current_xact_id(), (select id from audit_event where seq = (select seq from audit_head)))
      as "changeToken",
    pg_current_snapshot()::text as saw`;

/** Executes changes: each commits together with its audit event, and returns after this process has applied it. */
export class ChangeRunner {
  constructor(
    private readonly dataSource: DataSource,
    private readonly audit: AuditRecorder,
    private readonly propagation: ChangePropagation,
    private readonly callerNow: CallerNow,
  ) {}

  /** The same runner with another way to wait for verification. */
  with(propagation: ChangePropagation): ChangeRunner {
    return new ChangeRunner(this.dataSource, this.audit, propagation, this.callerNow);
  }

  /** Waits once for several changes instead of once for each. */
  deferPropagation(): DeferredPropagation {
    return new DeferredPropagation(this.propagation);
  }

  /**
   * Applies a change in a transaction; a thrown error rolls it back. `lock` is for changes that can revoke permissions
   * of their own caller: it takes the locks that the change would wait for, and the caller is checked again after it.
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

  /** Like {@link run}, but returns only the value. */
  async apply<T>(
    by: Principal,
    apply: (manager: EntityManager) => Promise<Applied<T>>,
    lock?: (manager: EntityManager) => Promise<void>,
  ): Promise<T> {
    return (await this.run(by, apply, lock)).value;
  }

  /** Rejects a change if the caller lost permissions while it waited for others. Error: CONFLICT. */
  private async requireUnchanged(by: Principal, manager: EntityManager): Promise<void> {
    const now = await this.callerNow(by, manager);
    if (now) {
      const lost = now.access.missing(by.access).flatMap(({ permissions }) => permissions);
      if (lost.length === 0) return;
      // A permission that was only deleted from the catalog in the meantime was not revoked from anyone.
      const known: unknown[] = await manager.query(
        'select 1 from unnest($1::text[]) lost where exists (select from permission where name = lost) or lost like $2 limit 1',
        [lost, '%*'],
      );
      if (known.length === 0) return;
    }
    throw new AppError('CONFLICT', 'What you may do has changed meanwhile. Look again, and try once more.');
  }
}
