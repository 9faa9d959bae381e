import { describe, expect, it } from 'vitest';
import { CalendarQuota, periodAt } from './calendar-quota.js';

const at = (text: string): number => Date.parse(text);

describe('a calendar period', () => {
  it.each([
    ['DAY', '2028-02-28T23:59:59.999Z', '2028-02-28', '2028-02-29'],
    ['DAY', '2028-02-29T00:00:00Z', '2028-02-29', '2028-03-01'],
    ['MONTH', '2027-12-31T23:59:59Z', '2027-12-01', '2028-01-01'],
    ['MONTH', '2028-02-29T12:00:00Z', '2028-02-01', '2028-03-01'],
  ] as const)('%s at %s runs from %s to %s', (period, now, start, end) => {
    expect(periodAt(period, at(now))).toEqual({ startMs: at(start), endMs: at(end) });
  });
});

describe('a quota', () => {
  it('counts until its period ends, then starts at zero', () => {
    const quota = new CalendarQuota('DAY');
    const noon = at('2027-03-27T12:00:00Z');
    quota.spend(noon, 7);
    expect(quota.used(noon + 11 * 3_600_000)).toBe(7);
    expect(quota.endsIn(noon)).toBe(12 * 3_600_000);
    expect(quota.used(noon + 12 * 3_600_000)).toBe(0);
    expect(quota.lengthSeconds(noon + 12 * 3_600_000)).toBe(86_400);
  });

  it('knows how long a month is', () => {
    const quota = new CalendarQuota('MONTH');
    expect(quota.lengthSeconds(at('2028-02-10T00:00:00Z'))).toBe(29 * 86_400);
    expect(quota.lengthSeconds(at('2028-03-10T00:00:00Z'))).toBe(31 * 86_400);
  });

  it('restores units that may have been spent in the current period', () => {
    const quota = new CalendarQuota('DAY');
    const now = at('2027-03-27T12:00:00Z');
    const midnight = at('2027-03-27T00:00:00Z');
    quota.spend(now, 1);
    quota.restore(now, midnight, 100);
    expect(quota.used(now)).toBe(1);
    quota.restore(now, midnight + 1, 3);
    quota.restore(now, now + 30_000, 5);
    expect(quota.used(now)).toBe(9);
  });
});
