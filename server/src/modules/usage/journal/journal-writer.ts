import { closeSync, ftruncateSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import type { Clock } from '../../../core/clock.js';
import type { CountedCaller } from '../usage-event.js';
import type { JournalCounters } from './counters.js';
import { encodeEvent, eventBytes, LEGEND, MAX_PLAIN_EVENT_BYTES, type JournalEvent } from './event-codec.js';
import { FRAME_HEAD_BYTES, frameOf, sealFrame } from './frame.js';
import { segmentPath } from './segments.js';

const BUFFER_BYTES = 1024 * 1024;
/** Room for events that are written together. */
export const MAX_BATCH_BYTES = BUFFER_BYTES - FRAME_HEAD_BYTES;
const RETRY_EVERY_MS = 250;
/** What calls to Keywright itself have in common. */
const USE = {
  touch: true,
  environment: 'PRODUCTION',
  code: 'VALID',
  usedPreviousSecret: false,
  units: 0,
} as const;
/** Answers that wait for one write at most, and how long the first of them waits for the others. */
const MAX_WAITING = 32;
const MAX_WAIT_MS = 1;

/** An event as it is appended. */
export interface JournalEntry {
  readonly event: Omit<JournalEvent, 'row'>;
  /** Its row for the request log as JSON; null when the row is left out. */
  readonly rowText: string | null;
}

/** What a {@link JournalWriter} works with. */
export interface JournalWriterDeps {
  readonly directory: string;
  /** No file of the directory has this number or a higher one. */
  readonly firstSegment: number;
  readonly counters: JournalCounters;
  /** Monotonic. */
  readonly clock: Clock;
  readonly segmentBytes?: number;
  /** Given the frames that could not be written, and how many verifications are in them. */
  readonly onUnwritten: (frame: Buffer, verifications: number) => void;
  readonly log: (message: string, error?: unknown) => void;
}

/**
 * Appends what happens to files, so that an end of the process loses nothing that was answered: the kernel has it then,
 * whatever becomes of the process. Writing is synchronous: a few microseconds into the page cache, less than handing it to
 * another thread, but as much as a verification. So those that come together share a write (group commit): it waits until
 * as many are there as came together before, a millisecond or two at most.
 */
export class JournalWriter {
  private readonly buffer = Buffer.alloc(BUFFER_BYTES);
  private readonly segmentBytes: number;
  private used = FRAME_HEAD_BYTES;
  private events = 0;
  /** Those of them that are verifications. */
  private verifications = 0;
  /** Those with uses that are not in the buffer yet: all of one write are one event each. */
  private callers: CountedCaller[] = [];
  private waiting: (() => void)[] = [];
  /** How many answers came together lately: one that comes alone, one after the other, waits for nobody. */
  private expected = 1;
  private begunAtMs = 0;
  private armed = false;
  private due = false;
  /** While answers go out, which may bring the next requests with them, what comes in waits for its turn. */
  private committing = false;
  private file: number | undefined;
  private segment: number;
  private offset = 0;
  private failedAtMs = -Infinity;
  private failing = false;

  constructor(private readonly deps: JournalWriterDeps) {
    this.segment = deps.firstSegment - 1;
    this.segmentBytes = deps.segmentBytes ?? 16 * BUFFER_BYTES;
  }

  /** Whether the last write failed. */
  get broken(): boolean {
    return this.failing;
  }

  /** Takes an event; it is written with others. */
  append(event: Omit<JournalEvent, 'row'>, rowText: string | null): void {
    const room = MAX_PLAIN_EVENT_BYTES + (rowText === null ? 0 : 4 + 4 * rowText.length);
    if (this.used + this.reserved + room > BUFFER_BYTES) this.write();
    this.put(event, rowText);
  }

  /** Counts a call of a key to Keywright itself. */
  appendUse(caller: CountedCaller, atMs: number): void {
    if (this.used + this.reserved + MAX_PLAIN_EVENT_BYTES > BUFFER_BYTES) this.write();
    caller.lastUseAtMs = atMs;
    if (caller.unwrittenUses++ > 0) return;
    this.callers.push(caller);
    this.begin();
  }

  /** Takes events that count together or not at all, at most {@link MAX_BATCH_BYTES} of them: they share a frame. */
  appendTogether(entries: readonly JournalEntry[]): void {
    const room = entries.reduce((sum, { event, rowText }) => sum + eventBytes(event, rowText), 0);
    if (this.used + this.reserved + room > BUFFER_BYTES) this.write();
    for (const { event, rowText } of entries) this.put(event, rowText);
  }

  private put(event: Omit<JournalEvent, 'row'>, rowText: string | null): void {
    this.used = encodeEvent(this.buffer, this.used, event, rowText);
    this.events++;
    if (!event.touch) this.verifications += event.reported?.count ?? 1;
    this.begin();
  }

  /** Room that the uses will take. */
  private get reserved(): number {
    return this.callers.length * MAX_PLAIN_EVENT_BYTES;
  }

  private putUses(): void {
    const { callers } = this;
    this.callers = [];
    for (const { id: apiKeyId, lastUseAtMs: atMs, unwrittenUses: uses } of callers) {
      const event = { ...USE, atMs, apiKeyId, uses };
      this.used = encodeEvent(this.buffer, this.used, event, null);
      this.events++;
    }
    for (const caller of callers) caller.unwrittenUses = 0;
  }

  /** Calls back once everything that was appended before is written, or was handed on because it could not be. */
  whenSafe(callback: () => void): void {
    this.begin();
    this.waiting.push(callback);
    if (this.waiting.length >= MAX_WAITING && !this.committing) return this.commit();
    if (this.due || (this.waiting.length < this.expected && this.waiting.length < MAX_WAITING)) return;
    this.due = true;
    // Those that came in the same turn of the event loop go with it.
    setImmediate(this.complete);
  }

  private begin(): void {
    if (this.events > 1 || this.waiting.length > 0) return;
    this.begunAtMs = performance.now();
    this.arm();
  }

  /** Writes what is left, and closes the file. */
  close(): void {
    this.commit();
    if (this.file !== undefined) closeSync(this.file);
    this.file = undefined;
  }

  private arm(): void {
    if (this.armed) return;
    this.armed = true;
    setTimeout(this.expire, MAX_WAIT_MS);
  }

  private readonly expire = (): void => {
    this.armed = false;
    if (this.events === 0 && this.waiting.length === 0 && this.callers.length === 0) return;
    // The group that this was for may be written, and another one begun.
    if (performance.now() - this.begunAtMs < MAX_WAIT_MS) return this.arm();
    this.expected = Math.max(1, this.waiting.length);
    this.commit();
  };

  private readonly complete = (): void => {
    this.due = false;
    if (this.waiting.length >= this.expected) this.commit();
  };

  private commit(): void {
    this.expected = Math.min(Math.max(this.expected, this.waiting.length), MAX_WAITING);
    this.write();
    const waiting = this.waiting;
    if (waiting.length === 0) return;
    this.waiting = [];
    this.committing = true;
    for (const callback of waiting) {
      try {
        callback();
      } catch (error) {
        this.deps.log('An answer could not be sent.', error);
      }
    }
    this.committing = false;
  }

  private write(): void {
    if (this.callers.length > 0) this.putUses();
    if (this.events === 0) return;
    sealFrame(this.buffer, 0, this.used);
    const frame = this.buffer.subarray(0, this.used);
    if (!this.store(frame)) this.deps.onUnwritten(Buffer.from(frame), this.verifications);
    this.used = FRAME_HEAD_BYTES;
    this.events = 0;
    this.verifications = 0;
  }

  private store(frame: Buffer): boolean {
    const { clock, log, counters } = this.deps;
    if (this.failing && clock.now() - this.failedAtMs < RETRY_EVERY_MS) return false;
    try {
      if (this.file === undefined || this.offset >= this.segmentBytes) this.open();
      this.writeAll(frame);
    } catch (error) {
      if (!this.failing) log('The usage journal cannot be written; what happens is kept in memory.', error);
      this.failing = true;
      this.failedAtMs = clock.now();
      return false;
    }
    if (this.failing) log('The usage journal is written again.');
    this.failing = false;
    counters.wrote({ segment: this.segment, offset: this.offset }, frame.length);
    return true;
  }

  private open(): void {
    const { directory, counters } = this.deps;
    if (this.file !== undefined) closeSync(this.file);
    this.file = undefined;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const path = segmentPath(directory, ++this.segment);
    this.file = openSync(path, 'ax', 0o600);
    this.offset = 0;
    const legend = frameOf(Buffer.from(JSON.stringify(LEGEND)));
    try {
      this.writeAll(legend);
    } catch (error) {
      // A full disk still takes names: each try would leave an empty file.
      rmSync(path, { force: true });
      throw error;
    }
    counters.wrote({ segment: this.segment, offset: this.offset }, legend.length);
  }

  /** All of the bytes or none: what was written of a frame that did not fit is cut off again. */
  private writeAll(bytes: Buffer): void {
    const file = this.file!;
    let done = 0;
    try {
      while (done < bytes.length) done += writeSync(file, bytes, done, bytes.length - done);
    } catch (error) {
      this.cut(file);
      throw error;
    }
    this.offset += bytes.length;
  }

  private cut(file: number): void {
    try {
      ftruncateSync(file, this.offset);
      if (this.offset > 0) return;
    } catch {
      // The reader finds the end of what is whole by itself.
    }
    closeSync(file);
    this.file = undefined;
  }
}
