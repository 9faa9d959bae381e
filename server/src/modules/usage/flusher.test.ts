import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { UsageFlusher, type Written } from './flusher.js';
import { Pace } from './pace.js';
import { JournalCounters, type Position } from './journal/counters.js';
import { encodeEvent, type JournalEvent } from './journal/event-codec.js';
import { frameOf } from './journal/frame.js';
import type { LostUsage } from './journal/journal-tallies.js';
import type { Reading } from './journal/journal-reader.js';
import type { UsageBatch } from './usage-batch.js';
import type { JournalMark, UsageWriter } from './usage-writer.js';

const EVENT: JournalEvent = {
  atMs: 0,
  apiKeyId: 'key_1',
  touch: false,
  environment: 'PRODUCTION',
  code: 'VALID',
  usedPreviousSecret: false,
  units: 0,
  row: null,
};

/** An in-memory journal of events of one byte each. */
class TestJournal {
  readonly counters = new JournalCounters();
  private length = 0;

  append(events: number): void {
    this.length += events;
    this.counters.wrote({ segment: 1, offset: this.length }, events);
  }

  read(
    from: Position,
    written: Position,
    maxBytes: number,
    onEvent: (event: JournalEvent) => void,
  ): Promise<Reading> {
    const start = from.segment === 0 ? 0 : from.offset;
    const end = Math.min(written.offset, start + maxBytes);
    for (let i = start; i < end; i++) onEvent(EVENT);
    return Promise.resolve({ end: { segment: 1, offset: end }, bytes: end - start, lostBytes: 0 });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** A database that moves its mark with what it counts, and can be unreachable, or go silent after a commit. */
class TestWriter implements UsageWriter {
  at: JournalMark = { at: { segment: 0, offset: 0 }, sequence: 0, counted: 0, countedBatches: 0 };
  total = 0;
  attempts = 0;
  orders = 0;
  prunes = 0;
  fails: 'before' | 'after' | null = null;

  mark(): Promise<JournalMark> {
    return Promise.resolve(this.at);
  }

  write(batch: UsageBatch, before: JournalMark, after: Position): Promise<UsageBatch | null> {
    this.attempts++;
    if (this.fails === 'before') return Promise.reject(new Error('away'));
    if (before.sequence !== this.at.sequence) return Promise.resolve(null);
    this.at = {
      at: after,
      sequence: before.sequence + 1,
      counted: before.counted + batch.verifications,
      countedBatches: before.countedBatches + 1,
    };
    for (const { count } of batch.counts.values()) this.total += count;
    return this.fails === 'after' ? Promise.reject(new Error('answer lost')) : Promise.resolve(batch);
  }

  writeOrder(): Promise<void> {
    this.orders++;
    return Promise.resolve();
  }

  prune(): Promise<boolean> {
    this.prunes++;
    return Promise.resolve(this.prunes < 3);
  }
}

const clock = { now: () => Date.now() };

let writer: TestWriter;
let journal: TestJournal;
let flusher: UsageFlusher;
let lines: string[];
let written: Written[];
let loss: LostUsage | null;
let losses: LostUsage[];

beforeEach(async () => {
  vi.useFakeTimers();
  writer = new TestWriter();
  journal = new TestJournal();
  lines = [];
  written = [];
  loss = null;
  losses = [];
  flusher = new UsageFlusher({
    reader: journal,
    counters: journal.counters,
    writer,
    tallies: { takeLoss: () => Promise.resolve(loss), record: () => Promise.resolve() },
    onLost: (lost) => losses.push(lost),
    forget: () => Promise.resolve(),
    clock,
    pace: new Pace({ clock, urgency: () => 0 }),
    onWritten: (batch) => written.push(batch),
    log: (line) => lines.push(line),
  });
  await flusher.start();
  await vi.advanceTimersByTimeAsync(1);
});
afterEach(() => void vi.useRealTimers());

describe('the flusher', () => {
  it('writes every half second, unless nothing happened', async () => {
    await vi.advanceTimersByTimeAsync(5000);
    expect(writer.attempts).toBe(0);
    journal.append(3);
    await vi.advanceTimersByTimeAsync(500);
    expect(writer.total).toBe(3);
    expect(journal.counters.backlogBytes).toBe(0);
  });

  it('updates sort columns at the start and once a minute, busy or not', async () => {
    expect(writer.orders).toBe(1);
    for (let second = 0; second < 59; second++) {
      journal.append(1);
      await vi.advanceTimersByTimeAsync(1000);
    }
    expect(writer.orders).toBe(1);
    await vi.advanceTimersByTimeAsync(121_000);
    expect(writer.orders).toBe(4);
  });

  it('removes old counts at the start, every minute while more are left, and then every hour', async () => {
    expect(writer.prunes).toBe(1);
    await vi.advanceTimersByTimeAsync(30 * 60_000);
    expect(writer.prunes).toBe(3);
    await vi.advanceTimersByTimeAsync(33 * 60_000);
    expect(writer.prunes).toBe(4);
  });

  it('counts once what was written although the response was lost', async () => {
    writer.fails = 'after';
    journal.append(5);
    await vi.advanceTimersByTimeAsync(3000);
    writer.fails = null;
    journal.append(2);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(writer.total).toBe(7);
    expect(written.map(({ events }) => events)).toEqual([5, 2]);
  });

  it('keeps what it cannot write, retries with growing pauses, and logs it once', async () => {
    writer.fails = 'before';
    journal.append(5);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(writer.attempts).toBeLessThan(20);
    expect(lines).toHaveLength(1);
    writer.fails = null;
    journal.append(5);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(writer.total).toBe(10);
    expect(lines).toHaveLength(2);
  });

  it('continues from the mark of a restored database', async () => {
    journal.append(5);
    await flusher.drain();
    const restored = writer.at;
    journal.append(4);
    await flusher.drain();
    writer.at = restored;
    writer.total = 5;
    journal.append(1);
    await flusher.drain();
    expect(writer.total).toBe(10);
  });

  it('reports what a restored database lost, with the next batch or within a minute', async () => {
    const empty = writer.at;
    for (const happens of [true, false]) {
      journal.append(5);
      await flusher.drain();
      writer.at = empty;
      loss = { verifications: 3, isMinimum: happens };
      if (happens) journal.append(1);
      await vi.advanceTimersByTimeAsync(happens ? 1000 : 61_000);
      loss = null;
    }
    expect(losses).toEqual([
      { verifications: 3, isMinimum: true },
      { verifications: 3, isMinimum: false },
    ]);
    expect(lines.filter((line) => /no longer has (at least )?3 verifications/.test(line))).toHaveLength(2);
  });

  it('counts frames that the journal could not take, once, even if the response is lost', async () => {
    const bytes = Buffer.alloc(100);
    const frame = frameOf(bytes.subarray(0, encodeEvent(bytes, 0, EVENT, null)));
    writer.fails = 'after';
    flusher.take(frame);
    flusher.take(frame);
    await vi.advanceTimersByTimeAsync(2000);
    writer.fails = null;
    await vi.advanceTimersByTimeAsync(20_000);
    expect(writer.total).toBe(2);
    expect(written.map(({ frames }) => frames)).toEqual([2]);
  });

  it('writes everything on drain, and fails if it cannot', async () => {
    journal.append(4);
    await flusher.drain();
    expect(writer.total).toBe(4);
    writer.fails = 'before';
    journal.append(1);
    await expect(flusher.drain()).rejects.toThrow('away');
    await flusher.close();
  });
});
