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

/** What the thread that writes the journal and the one that reads it know of each other; both hold the same memory. */
export class JournalCounters {
  private readonly slots: BigInt64Array;

  constructor(readonly memory: SharedArrayBuffer = new SharedArrayBuffer(SLOTS * 8)) {
    this.slots = new BigInt64Array(memory);
  }

  /** Up to where frames are whole on disk. */
  get written(): Position {
    const packed = Atomics.load(this.slots, WRITTEN_AT);
    return { segment: Number(packed >> SHIFT), offset: Number(packed & LOW) };
  }

  /** Notes that frames were written up to here, and how many bytes that were. */
  wrote({ segment, offset }: Position, bytes: number): void {
    Atomics.add(this.slots, WRITTEN, BigInt(bytes));
    Atomics.store(this.slots, WRITTEN_AT, (BigInt(segment) << SHIFT) | BigInt(offset));
  }

  /** Notes that so many bytes are in the database, or given up. */
  consumed(bytes: number): void {
    Atomics.add(this.slots, CONSUMED, BigInt(bytes));
  }

  /** Bytes that wait to be written to the database. */
  get backlogBytes(): number {
    return Math.max(0, Number(Atomics.load(this.slots, WRITTEN) - Atomics.load(this.slots, CONSUMED)));
  }
}
