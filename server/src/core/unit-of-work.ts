import {
  DeferredPropagation,
  type ChangePropagation,
  type Committed,
  type Propagation,
} from './propagation.js';
import type { InTransaction, Transaction } from './transaction.js';

/** Result of a change, and the events to record for it; none if nothing changed. */
export interface Change<T, Event> {
  readonly value: T;
  readonly events: readonly Event[];
}

export interface UnitOfWorkDeps<Caller, Event> {
  readonly inTransaction: InTransaction;
  /** Rejects a caller who has lost permissions while the change waited for others. */
  readonly requireUnchanged: (by: Caller, tx: Transaction) => Promise<void>;
  /** Records the events of a change, last in its transaction. */
  readonly record: (tx: Transaction, by: Caller, events: readonly Event[]) => Promise<void>;
  /** Identifies the transaction, after its last statement. */
  readonly committed: (tx: Transaction) => Promise<Committed>;
  readonly propagation: ChangePropagation;
}

/** Executes changes: each commits together with its events, and returns after this process has applied it. */
export class UnitOfWork<Caller, Event> {
  constructor(private readonly deps: UnitOfWorkDeps<Caller, Event>) {}

  /** The same with another way to wait for verification. */
  with(propagation: ChangePropagation): UnitOfWork<Caller, Event> {
    return new UnitOfWork({ ...this.deps, propagation });
  }

  /** Waits once for several changes instead of once for each. */
  deferPropagation(): DeferredPropagation {
    return new DeferredPropagation(this.deps.propagation);
  }

  /**
   * Applies a change in a transaction; a thrown error rolls it back. `lock` is for changes that can revoke permissions
   * of their own caller: it takes the locks that the change would wait for, and the caller is checked again after it.
   */
  async run<T>(
    by: Caller,
    apply: (tx: Transaction) => Promise<Change<T, Event>>,
    lock?: (tx: Transaction) => Promise<void>,
  ): Promise<{ value: T; propagation: Propagation }> {
    const { inTransaction, requireUnchanged, record, committed, propagation } = this.deps;
    const done = await inTransaction(async (tx) => {
      await lock?.(tx);
      if (lock) await requireUnchanged(by, tx);
      const { value, events } = await apply(tx);
      if (!lock) await requireUnchanged(by, tx);
      if (events.length > 0) await record(tx, by, events);
      return { value, committed: await committed(tx) };
    });
    return { value: done.value, propagation: await propagation.settle(done.committed) };
  }

  /** Like {@link run}, but returns only the value. */
  async apply<T>(
    by: Caller,
    apply: (tx: Transaction) => Promise<Change<T, Event>>,
    lock?: (tx: Transaction) => Promise<void>,
  ): Promise<T> {
    return (await this.run(by, apply, lock)).value;
  }
}
