import { describe, expect, it } from 'vitest';
import type { VerdictCode } from '../verification/verdicts.js';
import { UsageTally, type CountedKey } from './usage-tally.js';

const key = (keyId: string): CountedKey => ({ record: { keyId }, slot: undefined });
const ROW = {
  requestId: 'r',
  atMs: 0,
  maskedSecret: null,
  latencyMicroseconds: null,
  method: null,
  path: null,
  ip: null,
  userAgent: null,
  permissions: [],
  scopeId: null,
};

function count(
  tally: UsageTally,
  who: CountedKey,
  nowMs: number,
  code: VerdictCode = 'VALID',
  previous = false,
): boolean {
  const slot = tally.count(who, code, 'PRODUCTION', previous, nowMs);
  slot?.rows.push(ROW);
  return slot !== undefined;
}

describe('usage', () => {
  it('is counted by key, outcome, secret and second in any order', () => {
    const tally = new UsageTally();
    const [a, b] = [key('a'), key('b')];
    for (const [who, nowMs, code] of [
      [a, 100, 'VALID'],
      [a, 200, 'RATE_LIMITED'],
      [a, 300, 'VALID'],
      [b, 350, 'VALID'],
      [a, 400, 'RATE_LIMITED'],
      [a, 1100, 'VALID'],
    ] as const) {
      count(tally, who, nowMs, code);
    }
    count(tally, a, 1200, 'VALID', true);
    const summary = tally
      .close(false)
      .map(({ keyId, code, atMs, count, rows }) => [keyId, code, atMs, count, rows.length]);
    expect(summary).toEqual([
      ['a', 'VALID', 100, 2, 2],
      ['a', 'RATE_LIMITED', 200, 2, 2],
      ['b', 'VALID', 350, 1, 1],
      ['a', 'VALID', 1100, 1, 1],
      ['a', 'VALID', 1200, 1, 1],
    ]);
    expect(tally.close(false)).toEqual([]);
    count(tally, a, 1300);
    expect(tally.close(false)).toMatchObject([{ count: 1 }]);
  });

  it('gets detail rows for some decisions, with room for every key and for rejections', () => {
    const tally = new UsageTally();
    const busy = key('busy');
    let rows = 0;
    for (let i = 0; i < 10_000; i++) if (count(tally, busy, i / 100)) rows++;
    expect(rows).toBe(20);
    for (let i = 0; i < 500; i++) if (count(tally, key(`key ${i}`), 200)) rows++;
    expect(rows).toBe(150);
    for (let i = 0; i < 500; i++) if (count(tally, key(`key ${i}`), 200, 'PERMISSION_DENIED')) rows++;
    expect(rows).toBe(200);
    expect(count(tally, key('later'), 1000)).toBe(true);
  });

  it('is counted per minute while it cannot be reported, without losses', () => {
    const tally = new UsageTally();
    const who = key('a');
    expect(tally.close(true)).toEqual([]);
    for (let second = 0; second < 120; second++) count(tally, who, second * 1000);
    expect(tally.close(true)).toEqual([]);
    expect(tally.close(false).map(({ count }) => count)).toEqual([60, 60]);
    expect(tally.lost).toBe(0);
  });
});
