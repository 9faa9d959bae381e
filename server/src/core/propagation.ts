/** How far a change has reached the nodes that verify. */
export interface Propagation {
  /** Names the change; opaque. */
  readonly changeToken: string;
  /** Nodes that verify. */
  readonly nodes: number;
  /** Of these, how many have applied the change. */
  readonly applied: number;
  /** Whether it is in force: all of them have applied it, and there is at least one. */
  readonly complete: boolean;
  /** From the commit until this many had applied it; null when not all have. */
  readonly milliseconds: number | null;
}

/** A transaction that committed. */
export interface Committed {
  readonly changeToken: string;
  /** What it saw, as PostgreSQL writes snapshots, taken when it had done everything. */
  readonly saw: string;
}

/** Waits until committed changes take effect in verification. */
export interface ChangePropagation {
  /**
   * Called after the commit; answers once this process has applied the change. A call that found nothing to change says how
   * far that has come which it found: perhaps a change of a moment ago, by a caller who lost the answer.
   */
  settle(committed: Committed): Promise<Propagation>;
  /** How far an earlier change got. Error: BAD_USER_INPUT for what is no change token. */
  status(changeToken: string): Promise<Propagation>;
}

/** Collects changes that are carried out one after the other, so that the answer waits once for all of them. */
export class DeferredPropagation implements ChangePropagation {
  private last: Committed | null = null;

  constructor(private readonly propagation: ChangePropagation) {}

  /** Answers at once, as if no process had applied the change. */
  settle(committed: Committed): Promise<Propagation> {
    this.last = committed;
    const { changeToken } = committed;
    return Promise.resolve({ changeToken, nodes: 0, applied: 0, complete: false, milliseconds: null });
  }

  status(changeToken: string): Promise<Propagation> {
    return this.propagation.status(changeToken);
  }

  /** How far the last change got, and with it all before; null without any. */
  finish(): Promise<Propagation | null> {
    return this.last ? this.propagation.settle(this.last) : Promise.resolve(null);
  }
}
