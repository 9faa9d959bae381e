import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FlusherThread } from './flusher-thread.js';
import { JournalCounters } from './journal/counters.js';

/** A thread that reports `frames` written frames whenever it is asked to drain. */
const PROGRAM = `
import { parentPort, workerData } from 'node:worker_threads';
const written = { events: 0, rows: 0, milliseconds: 0, frames: workerData.frames, lostBytes: 0 };
parentPort.on('message', ({ do: order, id }) => {
  if (order === 'close' || workerData.frames === 0) process.exit(0);
  if (order !== 'drain') return;
  parentPort.postMessage({ type: 'written', written });
  parentPort.postMessage({ type: 'drained', id });
});
parentPort.postMessage({ type: 'ready', mark: { segment: 0, offset: 0 } });
`;
const SMALL_BYTES = 100;
const BOUND_BYTES = 32 * 1024 * 1024;

let thread: FlusherThread;
const log = vi.fn<(message: string) => void>();

async function start(frames: number): Promise<FlusherThread> {
  const program = new URL(`data:text/javascript,${encodeURIComponent(PROGRAM)}`);
  const counters = new JournalCounters();
  return (await FlusherThread.start({ program, data: { frames }, counters, log })).thread;
}

beforeEach(async () => {
  log.mockClear();
  thread = await start(1000);
});
afterEach(() => thread.close());

/** Passes on frames of one verification until one is lost; returns how many were kept. */
function fill(bytes: number): number {
  const frame = Buffer.alloc(bytes);
  const before = thread.totals.lostEvents;
  let kept = 0;
  for (; thread.totals.lostEvents === before; kept++) thread.count(frame, 1);
  return kept - 1;
}

describe('usage waiting in memory', () => {
  it('is bounded; verifications beyond the bound are lost and counted', () => {
    const kept = fill(1024 * 1024);
    expect(kept).toBe(31);
    thread.count(Buffer.alloc(1024 * 1024), 7);
    expect(thread.totals).toMatchObject({ unwrittenEvents: kept + 8, lostEvents: 8 });
    expect(log.mock.calls).toEqual([[expect.stringMatching(/^Usage is lost/)]]);
  });

  it('is bounded for small frames too, which cost more than their bytes', () => {
    expect(fill(SMALL_BYTES)).toBeLessThan(BOUND_BYTES / SMALL_BYTES / 3);
  });

  it('makes room when it is written, and then reports how many were lost', async () => {
    const kept = fill(64 * 1024);
    expect(kept).toBeLessThan(1000);
    await thread.drain();
    expect(log.mock.calls.map(([message]) => message)).toEqual([
      expect.stringMatching(/^Usage is lost/),
      'No more usage is lost. 1 verifications were not counted.',
    ]);
    thread.count(Buffer.alloc(1024), 1);
    expect(thread.totals.lostEvents).toBe(1);
  });

  it('is lost with the thread, which is reported', async () => {
    thread.count(Buffer.alloc(1024), 5);
    await thread.close();
    expect(thread.totals.lostEvents).toBe(5);
    expect(log).toHaveBeenCalledWith(
      'Usage is lost: 5 verifications that waited in memory were not counted.',
    );
  });

  it('cannot be drained while the thread is down, and fails immediately', async () => {
    const failing = await start(0);
    await expect(failing.drain()).rejects.toThrow('exited');
    await expect(failing.drain()).rejects.toThrow('exited');
    await failing.close();
  });

  it('accepts nothing while the thread is down, and still closes', async () => {
    const failing = await start(0);
    await expect(failing.drain()).rejects.toThrow('exited');
    failing.count(Buffer.alloc(1024), 3);
    expect(failing.totals.lostEvents).toBe(3);
    await failing.close();
  });
});
