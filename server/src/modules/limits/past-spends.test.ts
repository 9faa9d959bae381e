import { describe, expect, it } from 'vitest';
import type { LimitRules } from './limit-rules.js';
import { sumSpends } from './past-spends.js';
import type { PastSpend } from './rate-limiter.js';

const NOW = Date.parse('2027-03-02T12:00:00Z');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const rules: LimitRules = {
  windows: [
    { name: 'minute', limit: 10, windowSeconds: 60 },
    { name: 'hour', limit: 100, windowSeconds: 3600 },
    { name: 'also', limit: 50, windowSeconds: 3600 },
    { name: 'day', limit: 1000, windowSeconds: 86_400 },
  ],
  quotas: [
    { period: 'DAY', limit: 1000 },
    { period: 'MONTH', limit: 9000 },
  ],
};
const spend = (agoMs: number, units: number, forMs: number): PastSpend => ({
  atMs: NOW - agoMs - forMs,
  untilMs: NOW - agoMs,
  units,
});

describe('earlier spends', () => {
  it('are summed for lasting windows in no more parts than a window keeps, and for each period', () => {
    const minutes = Array.from({ length: 1440 }, (_, i) => spend((1439 - i) * MINUTE, 1, MINUTE));
    const hours = [
      spend(3 * DAY, 7, HOUR),
      spend(30 * HOUR, 5, HOUR),
      spend(2 * HOUR, 3, HOUR),
      spend(0, 2, HOUR),
    ];
    const { windows, quotas } = sumSpends(rules, { windows: minutes, quotas: hours }, NOW);
    expect([...windows.keys()]).toEqual([HOUR, DAY]);
    expect(windows.get(HOUR)).toHaveLength(60);
    const day = windows.get(DAY)!;
    expect(day.length).toBeLessThanOrEqual(61);
    expect(day.reduce((sum, [, units]) => sum + units, 0)).toBe(1440);
    expect(day.at(-1)).toEqual([NOW, 24]);
    expect(quotas.get('DAY')).toEqual([Date.parse('2027-03-02'), 5]);
    expect(quotas.get('MONTH')).toEqual([Date.parse('2027-03-01'), 10]);
  });

  it('count as spent now if their span has not ended', () => {
    const { windows } = sumSpends(rules, { windows: [spend(-MINUTE, 4, 2 * MINUTE)], quotas: [] }, NOW);
    expect(windows.get(HOUR)).toEqual([[NOW, 4]]);
  });
});
