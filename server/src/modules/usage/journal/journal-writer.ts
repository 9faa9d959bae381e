import { closeSync, ftruncateSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import type { Clock } from '../../../core/clock.js';
import type { JournalCounters } from './counters.js';
import { encodeEvent, LEGEND, MAX_PLAIN_EVENT_BYTES, type JournalEvent } from './event-codec.js';
import { FRAME_HEAD_BYTES, frameOf, sealFrame } from './frame.js';
import { segmentPath } from './segments.js';

const BUFFER_BYTES = 1024 * 1024;
const RETRY_EVERY_MS = 250;
/** Answers that wait for one write at most, and turns of the event loop that they wait at most while more come in. */
const MOST_WAITING = 32;
const MOST_TURNS = 4;

/** What a {@link JournalWriter} works with. */
export interface JournalWriterParts {
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
 * Appends what happens to files, so that an end of the process loses nothing that was answered. All events of one turn of
 * the event loop become one frame and one write (group commit); the kernel has them then, whatever becomes of the process.
 * Writing is synchronous: a few microseconds into the page cache, less than handing it to another thread.
 */
export class JournalWriter {
  private readonly buffer = Buffer.alloc(BUFFER_BYTES);
  private readonly segmentBytes: number;
  private used = FRAME_HEAD_BYTES;
  private events = 0;
  /** The events that count, and do not only move last-used. */
  private verifications = 0;
  private waiting: (() => void)[] = [];
  private scheduled = false;
  private turns = 0;
  private eventsBefore = 0;
  private file: number | undefined;
  private segment: number;
  private offset = 0;
  private failedAtMs = -Infinity;
  private failing = false;

  constructor(private readonly parts: JournalWriterParts) {
    this.segment = parts.firstSegment - 1;
    this.segmentBytes = parts.segmentBytes ?? 16 * BUFFER_BYTES;
  }

  /** Whether the last write failed. */
  get broken(): boolean {
    return this.failing;
  }

  /** Takes an event; it is written with the others of this turn. */
  append(event: Omit<JournalEvent, 'row'>, rowText: string | null): void {
    const room = MAX_PLAIN_EVENT_BYTES + (rowText === null ? 0 : 4 + 4 * rowText.length);
    if (this.used + room > BUFFER_BYTES) this.write();
    this.used = encodeEvent(this.buffer, this.used, event, rowText);
    this.events++;
    if (!event.touch) this.verifications++;
    this.schedule();
  }

  /** Calls back once everything that was appended before is written, or was handed on because it could not be. */
  whenSafe(callback: () => void): void {
    this.waiting.push(callback);
    if (this.waiting.length >= MOST_WAITING) this.commit();
    else this.schedule();
  }

  /** Writes what is left, and closes the file. */
  close(): void {
    this.commit();
    if (this.file !== undefined) closeSync(this.file);
    this.file = undefined;
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    this.turns = 0;
    setImmediate(this.turn);
  }

  /** A write costs as much as several verifications: while each turn brings more of them, one write is made for all. */
  private readonly turn = (): void => {
    if (!this.scheduled) return;
    const more = this.events > this.eventsBefore;
    this.eventsBefore = this.events;
    if (more && ++this.turns < MOST_TURNS) setImmediate(this.turn);
    else this.commit();
  };

  private commit(): void {
    this.scheduled = false;
    this.eventsBefore = 0;
    this.write();
    const waiting = this.waiting;
    if (waiting.length === 0) return;
    this.waiting = [];
    for (const callback of waiting) {
      try {
        callback();
      } catch (error) {
        this.parts.log('An answer could not be sent.', error);
      }
    }
  }

  private write(): void {
    if (this.events === 0) return;
    sealFrame(this.buffer, 0, this.used);
    const frame = this.buffer.subarray(0, this.used);
    if (!this.put(frame)) this.parts.onUnwritten(Buffer.from(frame), this.verifications);
    this.used = FRAME_HEAD_BYTES;
    this.events = 0;
    this.verifications = 0;
  }

  private put(frame: Buffer): boolean {
    const { clock, log, counters } = this.parts;
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
    const { directory, counters } = this.parts;
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
