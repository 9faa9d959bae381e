import type { VerdictCode } from '@keywright/schema/verdicts';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../core/errors.js';
import { fillPoints, toRange, totalsOf } from './usage.js';

const date = (text: string): Date => new Date(text);

describe('a usage range', () => {
  it('is widened to whole buckets', () => {
    const range = toRange(date('2027-03-01T10:30:00Z'), date('2027-03-01T12:00:00.001Z'), 'HOUR');
    expect(new Date(range.fromMs)).toEqual(date('2027-03-01T10:00:00Z'));
    expect(new Date(range.toMs)).toEqual(date('2027-03-01T13:00:00Z'));
    expect(toRange(date('2027-03-01'), date('2027-03-02'), 'DAY').toMs).toBe(Date.parse('2027-03-02'));
  });

  it.each([
    ['2027-03-01', '2027-03-01'],
    ['2027-03-02', '2027-03-01'],
    ['1999-12-31', '2027-03-01'],
    ['2027-03-01', '+275760-09-13'],
    ['nonsense', '2027-03-01'],
  ])('is rejected from %s to %s', (from, to) => {
    expect(() => toRange(date(from), date(to), 'DAY')).toThrow(AppError);
  });

  it('has at most a thousand points', () => {
    const from = date('2027-03-01T00:00:00Z');
    expect(() => toRange(from, new Date(from.getTime() + 1000 * 60_000), 'MINUTE')).not.toThrow();
    expect(() => toRange(from, new Date(from.getTime() + 1001 * 60_000), 'MINUTE')).toThrow('1000 points');
  });
});

describe('usage counts', () => {
  it('are split into accepted and refused', () => {
    const counts = new Map<VerdictCode, number>([
      ['KEY_EXPIRED', 2],
      ['VALID', 5],
      ['RATE_LIMITED', 1],
    ]);
    expect(totalsOf(counts)).toEqual({
      total: 8,
      accepted: 5,
      refused: 3,
      byCode: [
        { code: 'VALID', count: 5 },
        { code: 'KEY_EXPIRED', count: 2 },
        { code: 'RATE_LIMITED', count: 1 },
      ],
    });
  });

  it('are zero in buckets without verifications', () => {
    const range = toRange(date('2027-03-01T00:00:00Z'), date('2027-03-01T03:00:00Z'), 'HOUR');
    const counts = new Map([[range.fromMs + 3_600_000, new Map<VerdictCode, number>([['VALID', 4]])]]);
    expect(fillPoints(range, counts).map((point) => point.total)).toEqual([0, 4, 0]);
  });
});
