import { describe, expect, it } from 'vitest';
import { searchBack, StepTimeout, type LogPosition, type LogReader } from './log-search.js';
import type { RequestLog } from './request-log.js';

const rowAt = (n: number): RequestLog => ({ at: new Date(n), id: `req_${n}` }) as RequestLog;

/** A log of rows 1 to `size`, some of which match; counts what it reads, at a millisecond per 1,000 rows. */
class TestLog implements LogReader {
  nowMs = 0;
  readRows = 0;
  tooSlow: (rows: number) => boolean = () => false;
  constructor(
    private readonly size: number,
    private readonly matching: readonly number[],
  ) {}

  readonly clock = { now: () => this.nowMs };

  skip(from: LogPosition | null, rows: number): Promise<LogPosition | null> {
    if (this.tooSlow(rows)) {
      this.nowMs += 100;
      return Promise.reject(new StepTimeout());
    }
    const to = this.newest(from) - rows + 1;
    return Promise.resolve(to >= 1 ? rowAt(to) : null);
  }

  read(from: LogPosition | null, to: LogPosition | null, limit: number): Promise<RequestLog[]> {
    const oldest = to ? to.at.getTime() : 1;
    this.readRows += this.newest(from) - oldest + 1;
    this.nowMs = Math.max(this.nowMs, this.readRows / 1000);
    const found = this.matching.filter((n) => n <= this.newest(from) && n >= oldest);
    return Promise.resolve(
      found
        .sort((a, b) => b - a)
        .slice(0, limit)
        .map(rowAt),
    );
  }

  private newest(from: LogPosition | null): number {
    return from ? from.at.getTime() - 1 : this.size;
  }
}

const GENEROUS = { maxRows: 1e9, maxMs: 1e9 };
const times = (rows: readonly RequestLog[]): number[] => rows.map(({ at }) => at.getTime());

describe('a search of the request log', () => {
  it('finds each matching row once, to the end of the log', async () => {
    const log = new TestLog(300_000, [300_000, 298_001, 298_000, 150_000, 1]);
    const found = await searchBack(log, null, 10, log.clock, GENEROUS);
    expect(times(found.rows)).toEqual([300_000, 298_001, 298_000, 150_000, 1]);
    expect(found.stoppedAt).toBeNull();
    expect(log.readRows).toBe(300_000);
  });

  it('reads no further than the page needs', async () => {
    const log = new TestLog(10_000_000, [9_999_999, 9_999_998, 5]);
    const found = await searchBack(log, null, 2, log.clock, GENEROUS);
    expect(times(found.rows)).toEqual([9_999_999, 9_999_998]);
    expect(log.readRows).toBeLessThanOrEqual(2000);
  });

  it('stops at its row budget, and continues from there', async () => {
    const log = new TestLog(100_000, [99_000, 2]);
    const budget = { maxRows: 40_000, maxMs: 1e9 };
    const first = await searchBack(log, null, 5, log.clock, budget);
    expect(times(first.rows)).toEqual([99_000]);
    expect(first.stoppedAt).not.toBeNull();
    const second = await searchBack(log, first.stoppedAt, 5, log.clock, budget);
    const third = await searchBack(log, second.stoppedAt, 5, log.clock, budget);
    expect([...times(second.rows), ...times(third.rows)]).toEqual([2]);
    expect(third.stoppedAt).toBeNull();
    expect(log.readRows).toBe(100_000);
  });

  it('stops at its time budget with what it has found', async () => {
    const log = new TestLog(10_000_000, [9_999_000]);
    const found = await searchBack(log, null, 5, log.clock, { maxRows: 1e9, maxMs: 500 });
    expect(times(found.rows)).toEqual([9_999_000]);
    expect(found.stoppedAt).not.toBeNull();
    expect(log.readRows).toBeLessThan(600_000);
  });

  it('retries a slow step with a smaller size, and fails if none is small enough', async () => {
    const log = new TestLog(5000, [1]);
    log.tooSlow = (rows) => rows > 1000;
    const found = await searchBack(log, null, 5, log.clock, GENEROUS);
    expect(times(found.rows)).toEqual([1]);
    log.tooSlow = () => true;
    await expect(searchBack(log, null, 5, log.clock, GENEROUS)).rejects.toBeInstanceOf(StepTimeout);
  });
});
