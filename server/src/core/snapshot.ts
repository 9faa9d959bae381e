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

const TEXT = /^\d{1,20}:\d{1,20}:(?:\d{1,20}(?:,\d{1,20})*)?$/;

/** Reads a snapshot that a caller sent; undefined for a text that PostgreSQL would reject. */
export function readSnapshot(text: string): Snapshot | undefined {
  if (!TEXT.test(text)) return undefined;
  const snapshot = parseSnapshot(text);
  const { xmin, xmax, running } = snapshot;
  const ordered = [...running].every(
    (xid, i, all) => xid >= xmin && xid < xmax && (i === 0 || xid > all[i - 1]!),
  );
  return xmin > 0n && xmin <= xmax && xmax < 1n << 63n && ordered ? snapshot : undefined;
}

/** Whether a snapshot is later than another one of the same server, so that it sees all that the other sees. */
export const isLater = (one: Snapshot, other: Snapshot): boolean =>
  one.xmax > other.xmax || (one.xmax === other.xmax && one.running.size < other.running.size);
