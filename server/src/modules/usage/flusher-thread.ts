import { Worker } from 'node:worker_threads';
import { JournalCounters, type Position } from './journal/counters.js';
import type { LostUsage } from './journal/journal-tallies.js';
import type { Written } from './flusher.js';

const NO_THREAD = 'The thread that writes usage exited.';
const RESTART_AFTER_MS = 1000;
/** Maximum bytes of frames in memory while the journal cannot be written. */
const MAX_MEMORY_BYTES = 32 * 1024 * 1024;
/**
 * Overhead of keeping a frame, in addition to its bytes: most frames hold a single verification and are smaller than
 * this.
 */
const FRAME_COST_BYTES = 300;

/** A message to the thread. */
export type FlusherOrder =
  | { readonly do: 'count'; readonly frame: Uint8Array }
  | { readonly do: 'drain'; readonly id: number }
  | { readonly do: 'close' };

/** A message from the thread. */
export type FlusherReport =
  | { readonly type: 'ready'; readonly mark: Position }
  | { readonly type: 'written'; readonly written: Written }
  | { readonly type: 'lost'; readonly lost: LostUsage }
  | { readonly type: 'drained'; readonly id: number; readonly error?: unknown }
  | { readonly type: 'log'; readonly message: string; readonly error?: unknown };

export interface FlusherThreadDeps {
  /** The program of the thread; `data` is its input besides the counters. */
  readonly program: URL;
  readonly data: object;
  readonly counters: JournalCounters;
  readonly log: (message: string, error?: unknown) => void;
}

/** Totals since the process started. */
export interface FlusherTotals {
  events: number;
  rows: number;
  batches: number;
  seconds: number;
  /**
   * Verifications that are neither in the journal nor in the database: they were dropped, or a restored database lost
   * them.
   */
  lostEvents: number;
  /** Whether more may be lost than were counted. */
  lostIsMinimum: boolean;
  /** Unreadable bytes of the journal. */
  lostBytes: number;
  /** Verifications that waited in memory because the journal could not be written. */
  unwrittenEvents: number;
}

/** Runs the flusher in a separate thread, so that the event loop that verifies does nothing else. */
export class FlusherThread {
  readonly totals: FlusherTotals = {
    events: 0,
    rows: 0,
    batches: 0,
    seconds: 0,
    lostEvents: 0,
    lostIsMinimum: false,
    lostBytes: 0,
    unwrittenEvents: 0,
  };
  private worker!: Worker;
  /** Whether the thread runs; after a failure it is down for a while. */
  private running = false;
  private ended: Promise<void> = Promise.resolve();
  private inMemory: { readonly bytes: number; readonly verifications: number }[] = [];
  private memoryBytes = 0;
  /** Verifications lost since memory reached its bound; null while it is below. */
  private losing: number | null = null;
  private readonly drains = new Map<number, (error?: unknown) => void>();
  private nextDrain = 1;
  private closing = false;

  private constructor(private readonly deps: FlusherThreadDeps) {}

  /**
   * Starts the thread; resolves with how far the journal was already written. Rejects with the error that prevented
   * the start.
   */
  static async start(deps: FlusherThreadDeps): Promise<{ thread: FlusherThread; mark: Position }> {
    const thread = new FlusherThread(deps);
    return { thread, mark: await thread.spawn() };
  }

  /**
   * Counts a frame that the journal did not take; beyond a bound, or without a thread, the frame is lost, which is
   * counted too.
   */
  count(frame: Buffer, verifications: number): void {
    this.totals.unwrittenEvents += verifications;
    const bytes = frame.length + FRAME_COST_BYTES;
    if (!this.running || this.memoryBytes + bytes > MAX_MEMORY_BYTES) return this.lose(verifications);
    this.inMemory.push({ bytes, verifications });
    this.memoryBytes += bytes;
    this.order({ do: 'count', frame });
  }

  /**
   * Resolves when everything now in the journal is in the database. Rejects with the error that prevented that, or if
   * the thread is down.
   */
  drain(): Promise<void> {
    if (!this.running) return Promise.reject(new Error(NO_THREAD));
    return new Promise((resolve, reject) => {
      const id = this.nextDrain++;
      this.drains.set(id, (error) => (error === undefined ? resolve() : reject(error as Error)));
      this.order({ do: 'drain', id });
    });
  }

  /** Ends the thread; anything not yet in the database stays in the journal. */
  async close(): Promise<void> {
    this.closing = true;
    this.order({ do: 'close' });
    await this.ended;
    this.forgetMemory();
  }

  private spawn(): Promise<Position> {
    const { program, data, counters, log } = this.deps;
    const worker = new Worker(program, { workerData: { ...data, memory: counters.memory } });
    this.worker = worker;
    this.running = true;
    this.ended = new Promise((resolve) => worker.once('exit', () => resolve()));
    return new Promise((resolve, reject) => {
      let fault: unknown = new Error(NO_THREAD);
      worker.on('message', (report: FlusherReport) => {
        if (report.type === 'ready') resolve(report.mark);
        else this.hear(report);
      });
      worker.on('error', (error) => {
        fault = error;
        log('The thread that writes usage failed; restarting it.', error);
      });
      worker.once('exit', () => {
        this.running = false;
        reject(fault as Error);
        for (const [id, settle] of this.drains) {
          this.drains.delete(id);
          settle(fault);
        }
        if (this.closing) return;
        this.forgetMemory();
        setTimeout(() => {
          if (!this.closing) this.spawn().catch(() => undefined);
        }, RESTART_AFTER_MS).unref();
      });
    });
  }

  private hear(report: Exclude<FlusherReport, { type: 'ready' }>): void {
    if (report.type === 'log') return this.deps.log(report.message, report.error);
    if (report.type === 'drained') {
      const settle = this.drains.get(report.id);
      this.drains.delete(report.id);
      return settle?.(report.error);
    }
    if (report.type === 'lost') {
      this.totals.lostEvents += report.lost.verifications;
      this.totals.lostIsMinimum ||= report.lost.isMinimum;
      return;
    }
    const { events, rows, milliseconds, frames, lostBytes } = report.written;
    this.totals.events += events;
    this.totals.rows += rows;
    this.totals.batches++;
    this.totals.seconds += milliseconds / 1000;
    this.totals.lostBytes += lostBytes;
    for (const { bytes } of this.inMemory.splice(0, frames)) this.memoryBytes -= bytes;
    this.noteRoom();
  }

  private lose(verifications: number): void {
    if (this.losing === null) {
      this.deps.log('Usage is lost: the journal cannot be written, and no more usage fits in memory.');
    }
    this.losing = (this.losing ?? 0) + verifications;
    this.totals.lostEvents += verifications;
  }

  /**
   * Reports recovery only at some distance from the bound, so that a process that stays near it does not fill its
   * log.
   */
  private noteRoom(): void {
    if (this.losing === null || this.memoryBytes > MAX_MEMORY_BYTES / 2) return;
    this.deps.log(`No more usage is lost. ${this.losing} verifications were not counted.`);
    this.losing = null;
  }

  /** Whatever only the thread had in memory is lost with it. */
  private forgetMemory(): void {
    const lost = this.inMemory.reduce((sum, { verifications }) => sum + verifications, 0);
    if (lost > 0) {
      this.deps.log(`Usage is lost: ${lost} verifications that waited in memory were not counted.`);
    }
    this.totals.lostEvents += lost;
    this.inMemory = [];
    this.memoryBytes = 0;
    this.noteRoom();
  }

  private order(order: FlusherOrder): void {
    this.worker.postMessage(order);
  }
}
