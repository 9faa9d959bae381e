import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { UsageFlusher } from './flusher.js';
import { MemoryRecorder, type NumberedBatch } from './recorder.js';
import type { UsageEvent } from './usage-event.js';

const event = { at: new Date(0), apiKeyId: 'key_1', environment: 'PRODUCTION', code: 'VALID' } as UsageEvent;

/** A database that counts each number once, as the real one does, and may be away. */
class TestWriter {
  readonly written = new Map<number, number>();
  attempts = 0;
  fails: 'before' | 'after' | null = null;

  write({ number, batch }: NumberedBatch): Promise<void> {
    this.attempts++;
    if (this.fails === 'before') return Promise.reject(new Error('away'));
    if (!this.written.has(number)) {
      this.written.set(
        number,
        [...batch.counts.values()].reduce((sum, { count }) => sum + count, 0),
      );
    }
    return this.fails === 'after' ? Promise.reject(new Error('answer lost')) : Promise.resolve();
  }

  prune(): Promise<void> {
    return Promise.resolve();
  }

  get total(): number {
    return [...this.written.values()].reduce((sum, count) => sum + count, 0);
  }
}

let writer: TestWriter;
let recorder: MemoryRecorder;
let flusher: UsageFlusher;
let lines: string[];

beforeEach(() => {
  vi.useFakeTimers();
  writer = new TestWriter();
  recorder = new MemoryRecorder(100);
  lines = [];
  flusher = new UsageFlusher({ recorder, writer, log: (line) => lines.push(line) });
  flusher.start();
});
afterEach(() => void vi.useRealTimers());

const record = (times: number): void => {
  for (let i = 0; i < times; i++) recorder.record(event);
};

describe('the flusher', () => {
  it('writes every half second, and nothing when nothing happened', async () => {
    await vi.advanceTimersByTimeAsync(5000);
    expect(writer.attempts).toBe(0);
    record(3);
    await vi.advanceTimersByTimeAsync(499);
    await vi.advanceTimersByTimeAsync(2);
    expect(writer.total).toBe(3);
  });

  it('writes at once when a batch is full', async () => {
    record(100);
    await vi.advanceTimersByTimeAsync(1);
    expect(writer.total).toBe(100);
  });

  it('counts once what was written although the answer was lost', async () => {
    const flushed: number[] = [];
    flusher.flushed.on((batch) => flushed.push(batch.counts.size));
    writer.fails = 'after';
    record(5);
    await vi.advanceTimersByTimeAsync(3000);
    expect(writer.attempts).toBeGreaterThan(1);
    writer.fails = null;
    record(2);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(writer.total).toBe(7);
    expect(flushed).toHaveLength(2);
  });

  it('keeps what it cannot write, tries with growing pauses, and says so once', async () => {
    writer.fails = 'before';
    record(5);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(writer.attempts).toBeLessThan(15);
    expect(lines).toHaveLength(1);
    writer.fails = null;
    record(5);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(writer.total).toBe(10);
    expect(lines).toHaveLength(2);
  });

  it('writes what is left when it closes, and gives up after three attempts', async () => {
    record(4);
    await flusher.close();
    expect(writer.total).toBe(4);
    writer.fails = 'before';
    record(1);
    await flusher.close();
    expect(writer.attempts).toBe(1 + 3);
    expect(lines.at(-1)).toContain('lost');
  });
});
