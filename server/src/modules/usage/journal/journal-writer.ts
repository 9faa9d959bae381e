import { closeSync, ftruncateSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import type { Clock } from '../../../core/clock.js';
import type { CountedCaller } from '../usage-event.js';
import type { JournalCounters } from './counters.js';
import { encodeEvent, eventBytes, LEGEND, MAX_PLAIN_EVENT_BYTES, type JournalEvent } from './event-codec.js';
import { FRAME_HEAD_BYTES, frameOf, sealFrame } from './frame.js';
import { segmentPath } from './segments.js';

const BUFFER_BYTES = 1024 * 1024;
/** Maximum size of events written together. */
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
/** Maximum number of answers that wait for one write, and how long the first waits for the others. */
const MAX_WAITING = 32;
const MAX_WAIT_MS = 1;

/** An event to append. */
export interface JournalEntry {
  readonly event: Omit<JournalEvent, 'row'>;
  /** Its row for the request log as JSON; null if the row is omitted. */
  readonly rowText: string | null;
}

export interface JournalWriterDeps {
  readonly directory: string;
  /** Higher than the number of any file in the directory. */
  readonly firstSegment: number;
  readonly counters: JournalCounters;
  /** Monotonic. */
  readonly clock: Clock;
  readonly segmentBytes?: number;
  /** Receives frames that could not be written, with the number of verifications in them. */
  readonly onUnwritten: (frame: Buffer, verifications: number) => void;
  readonly log: (message: string, error?: unknown) => void;
}

/**
 * Appends events to files, so that the end of the process loses nothing that was answered: the kernel has it by then.
 * Writes are synchronous: a few microseconds into the page cache, less than a handover to another thread, but as much
 * as a verification. So concurrent events share a write (group commit): it waits for as many events as came together
 * before, at most one or two milliseconds.
 */
export class JournalWriter {
  private readonly buffer = Buffer.alloc(BUFFER_BYTES);
  private readonly segmentBytes: number;
  private used = FRAME_HEAD_BYTES;
  private events = 0;
  /** The number of verifications among them. */
  private verifications = 0;
  /** Callers with uses that are not in the buffer yet: all uses of one write become one event per caller. */
  private callers: CountedCaller[] = [];
  private waiting: (() => void)[] = [];
  /** How many answers came together lately: when answers come one at a time, none waits. */
  private expected = 1;
  private begunAtMs = 0;
  private armed = false;
  private due = false;
  /** While answers are sent, which can trigger the next requests, new events wait for their turn. */
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

  /** Takes an event, to be written with others. */
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

  /** Takes events that count together or not at all, at most {@link MAX_BATCH_BYTES} in total: they share a frame. */
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

  /** Calls back once everything appended before is written, or was passed on because it could not be. */
  whenSafe(callback: () => void): void {
    this.begin();
    this.waiting.push(callback);
    if (this.waiting.length >= MAX_WAITING && !this.committing) return this.commit();
    if (this.due || (this.waiting.length < this.expected && this.waiting.length < MAX_WAITING)) return;
    this.due = true;
    // Includes events of the same turn of the event loop.
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
    // The group of this timer may already be written, and another one started.
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
        this.deps.log('A response could not be sent.', error);
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
      if (!this.failing) log('The usage journal cannot be written; usage is kept in memory.', error);
      this.failing = true;
      this.failedAtMs = clock.now();
      return false;
    }
    if (this.failing) log('The usage journal can be written again.');
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
      // A full disk still creates empty files: every attempt would leave one.
      rmSync(path, { force: true });
      throw error;
    }
    counters.wrote({ segment: this.segment, offset: this.offset }, legend.length);
  }

  /** Writes all of the bytes or none: a partial frame is truncated. */
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
      // The reader finds the end of the complete frames itself.
    }
    closeSync(file);
    this.file = undefined;
  }
}
