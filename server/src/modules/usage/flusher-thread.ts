import { Worker } from 'node:worker_threads';
import { JournalCounters, type Position } from './journal/counters.js';
import type { LostUsage } from './journal/journal-tallies.js';
import type { Written } from './flusher.js';

const NO_THREAD = 'The thread that writes usage ended.';
const RESTART_AFTER_MS = 1000;
/** Frames that wait in memory while the journal cannot be written, in bytes. */
const MAX_MEMORY_BYTES = 32 * 1024 * 1024;
/** What keeping a frame costs beside its bytes: most hold a single verification, and are smaller than that. */
const FRAME_COST_BYTES = 300;

/** What the thread is told. */
export type FlusherOrder =
  | { readonly do: 'count'; readonly frame: Uint8Array }
  | { readonly do: 'drain'; readonly id: number }
  | { readonly do: 'close' };

/** What the thread tells. */
export type FlusherReport =
  | { readonly type: 'ready'; readonly mark: Position }
  | { readonly type: 'written'; readonly written: Written }
  | { readonly type: 'lost'; readonly lost: LostUsage }
  | { readonly type: 'drained'; readonly id: number; readonly error?: unknown }
  | { readonly type: 'log'; readonly message: string; readonly error?: unknown };

/** What a {@link FlusherThread} works with. */
export interface FlusherThreadDeps {
  /** The program of the thread, and what it is given beside the counters. */
  readonly program: URL;
  readonly data: object;
  readonly counters: JournalCounters;
  readonly log: (message: string, error?: unknown) => void;
}

/** What became of usage since the process began. */
export interface FlusherTotals {
  events: number;
  rows: number;
  batches: number;
  seconds: number;
  /** Verifications that are neither in the journal nor in the database: they were given up, or a restored database lost them. */
  lostEvents: number;
  /** Whether more may be lost, which nobody counted. */
  lostIsMinimum: boolean;
  /** Bytes of the journal that held nothing readable. */
  lostBytes: number;
  /** Verifications that waited in memory, since the journal could not be written. */
  unwrittenEvents: number;
}

/** The flusher in a thread of its own, so that the event loop that verifies does nothing else. */
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
  /** Whether there is a thread; after a failure there is none for a while. */
  private running = false;
  private ended: Promise<void> = Promise.resolve();
  private inMemory: { readonly bytes: number; readonly verifications: number }[] = [];
  private memoryBytes = 0;
  /** Verifications that were lost since what waits in memory reached its bound; null: it is below. */
  private losing: number | null = null;
  private readonly drains = new Map<number, (error?: unknown) => void>();
  private nextDrain = 1;
  private closing = false;

  private constructor(private readonly deps: FlusherThreadDeps) {}

  /** Starts the thread; resolves with how far the journal was written before. Error: whatever kept it from starting. */
  static async start(deps: FlusherThreadDeps): Promise<{ thread: FlusherThread; mark: Position }> {
    const thread = new FlusherThread(deps);
    return { thread, mark: await thread.spawn() };
  }

  /** Counts a frame that the journal did not take; beyond a bound, or without a thread, it is lost, which is counted too. */
  count(frame: Buffer, verifications: number): void {
    this.totals.unwrittenEvents += verifications;
    const bytes = frame.length + FRAME_COST_BYTES;
    if (!this.running || this.memoryBytes + bytes > MAX_MEMORY_BYTES) return this.lose(verifications);
    this.inMemory.push({ bytes, verifications });
    this.memoryBytes += bytes;
    this.order({ do: 'count', frame });
  }

  /** Resolves when everything that is in the journal now is in the database. Error: whatever kept it out, or that there is no thread right now. */
  drain(): Promise<void> {
    if (!this.running) return Promise.reject(new Error(NO_THREAD));
    return new Promise((resolve, reject) => {
      const id = this.nextDrain++;
      this.drains.set(id, (error) => (error === undefined ? resolve() : reject(error as Error)));
      this.order({ do: 'drain', id });
    });
  }

  /** Ends the thread; what is not in the database stays in the journal. */
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
        log('The thread that writes usage failed; it is started again.', error);
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
      this.deps.log(
        'Usage is lost: the journal does not take it, and no more of it may wait in memory for the database.',
      );
    }
    this.losing = (this.losing ?? 0) + verifications;
    this.totals.lostEvents += verifications;
  }

  /** Told with some distance from the bound, so that a process that stays near it does not fill its log. */
  private noteRoom(): void {
    if (this.losing === null || this.memoryBytes > MAX_MEMORY_BYTES / 2) return;
    this.deps.log(`No more usage is lost. ${this.losing} verifications are not counted.`);
    this.losing = null;
  }

  /** What only the thread knew is lost with it. */
  private forgetMemory(): void {
    const lost = this.inMemory.reduce((sum, { verifications }) => sum + verifications, 0);
    if (lost > 0) {
      this.deps.log(`Usage is lost: ${lost} verifications that waited in memory are not counted.`);
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
