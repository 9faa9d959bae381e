import type { DataSource, EntityManager } from 'typeorm';
import type { ChangePropagation, Propagation } from '../../core/propagation.js';
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

/** Carries out changes: each commits together with its audit event, and is answered once this process has applied it. */
export class ChangeRunner {
  constructor(
    private readonly dataSource: DataSource,
    private readonly audit: AuditRecorder,
    private readonly propagation: ChangePropagation,
  ) {}

  /** Applies one change in a transaction; what it throws undoes it. */
  async run<T>(
    by: Pick<Principal, 'actor' | 'ip'>,
    apply: (manager: EntityManager) => Promise<Applied<T>>,
  ): Promise<{ value: T; propagation: Propagation }> {
    const { value, changeToken } = await this.dataSource.transaction(async (manager) => {
      const { value, noted } = await apply(manager);
      if (noted) await this.audit.record(manager, { ...noted, actor: by.actor, ip: by.ip });
      const [row] = (await manager.query('select pg_current_xact_id()::text as id')) as [{ id: string }];
      return { value, changeToken: row.id };
    });
    return { value, propagation: await this.propagation.settle(changeToken) };
  }

  /** The same, where only the value is of interest. */
  async apply<T>(
    by: Pick<Principal, 'actor' | 'ip'>,
    apply: (manager: EntityManager) => Promise<Applied<T>>,
  ): Promise<T> {
    return (await this.run(by, apply)).value;
  }
}
