/** How many of the processes that verify have applied a change. */
export interface Propagation {
  /** Opaque id of the change. */
  readonly changeToken: string;
  /** Processes that verify. */
  readonly nodes: number;
  /** Number of these that have applied the change. */
  readonly applied: number;
  /** Whether the change is live: there is at least one such process, and all of them have applied it. */
  readonly complete: boolean;
  /** From the commit until all had applied it; null if not all have. */
  readonly milliseconds: number | null;
}

/** A committed transaction. */
export interface Committed {
  readonly changeToken: string;
  /** Its snapshot in PostgreSQL's text form, taken after its last statement. */
  readonly saw: string;
}

/** Waits until committed changes take effect in verification. */
export interface ChangePropagation {
  /**
   * Called after the commit; resolves once this process has applied the change. For a no-op mutation it reports the
   * propagation of the existing state, which may be a change of a moment ago whose caller lost the answer.
   */
  settle(committed: Committed): Promise<Propagation>;
  /** Propagation of an earlier change. Error: BAD_USER_INPUT for an invalid change token. */
  status(changeToken: string): Promise<Propagation>;
}

/** Collects changes that run one after another, so that the answer waits once for all of them. */
export class DeferredPropagation implements ChangePropagation {
  private last: Committed | null = null;

  constructor(private readonly propagation: ChangePropagation) {}

  /** Resolves immediately, as if no process had applied the change. */
  settle(committed: Committed): Promise<Propagation> {
    this.last = committed;
    const { changeToken } = committed;
    return Promise.resolve({ changeToken, nodes: 0, applied: 0, complete: false, milliseconds: null });
  }

  status(changeToken: string): Promise<Propagation> {
    return this.propagation.status(changeToken);
  }

  /** Propagation of the last change and thereby of all earlier ones; null if there was none. */
  finish(): Promise<Propagation | null> {
    return this.last ? this.propagation.settle(this.last) : Promise.resolve(null);
  }
}
