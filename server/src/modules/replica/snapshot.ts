/** A PostgreSQL snapshot (`pg_snapshot`): which transactions it sees. */
export interface Snapshot {
  /** The PostgreSQL notation, `xmin:xmax:xip,xip…`. */
  readonly text: string;
  /** Every lower transaction id is finished. */
  readonly xmin: bigint;
  /** No transaction from this id on had started. */
  readonly xmax: bigint;
  /** The transactions in between that were running. */
  readonly running: ReadonlySet<bigint>;
}

export function parseSnapshot(text: string): Snapshot {
  const [xmin = '', xmax = '', running = ''] = text.split(':');
  return {
    text,
    xmin: BigInt(xmin),
    xmax: BigInt(xmax),
    running: new Set(running === '' ? [] : running.split(',').map(BigInt)),
  };
}

/** Whether the snapshot sees the effects of a committed transaction. */
export const sees = (snapshot: Snapshot, xid: bigint): boolean =>
  xid < snapshot.xmin || (xid < snapshot.xmax && !snapshot.running.has(xid));
