/** A place in the journal: everything before `offset` of that segment, and all segments before it. */
export interface Position {
  readonly segment: number;
  readonly offset: number;
}

const SHIFT = 32n;
const LOW = 0xffff_ffffn;
const WRITTEN_AT = 0;
const WRITTEN = 1;
const CONSUMED = 2;
const SLOTS = 3;

/** Memory shared by the thread that writes the journal and the one that reads it. */
export class JournalCounters {
  private readonly slots: BigInt64Array;

  constructor(readonly memory: SharedArrayBuffer = new SharedArrayBuffer(SLOTS * 8)) {
    this.slots = new BigInt64Array(memory);
  }

  /** Up to where complete frames are on disk. */
  get written(): Position {
    const packed = Atomics.load(this.slots, WRITTEN_AT);
    return { segment: Number(packed >> SHIFT), offset: Number(packed & LOW) };
  }

  /** Records that frames were written up to here, and their size in bytes. */
  wrote({ segment, offset }: Position, bytes: number): void {
    Atomics.add(this.slots, WRITTEN, BigInt(bytes));
    Atomics.store(this.slots, WRITTEN_AT, (BigInt(segment) << SHIFT) | BigInt(offset));
  }

  /** Records that this many bytes are in the database, or were given up. */
  consumed(bytes: number): void {
    Atomics.add(this.slots, CONSUMED, BigInt(bytes));
  }

  /** Bytes waiting to be written to the database. */
  get backlogBytes(): number {
    return Math.max(0, Number(Atomics.load(this.slots, WRITTEN) - Atomics.load(this.slots, CONSUMED)));
  }
}
