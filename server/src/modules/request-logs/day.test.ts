import { describe, expect, it } from 'vitest';
import { addDays, dayOf, daysAhead, expiredDays, partitionDay, partitionName } from './day.js';

const NOW = Date.parse('2028-02-28T23:59:59.999Z');

describe('the days of the request log', () => {
  it('are days in UTC', () => {
    expect(dayOf(NOW)).toBe('2028-02-28');
    expect(addDays('2028-02-28', 1)).toBe('2028-02-29');
    expect(addDays('2028-01-01', -1)).toBe('2027-12-31');
  });

  it('have one partition each, created ahead of time', () => {
    expect(daysAhead(NOW)).toEqual(['2028-02-28', '2028-02-29', '2028-03-01']);
    expect(partitionName('2028-02-28')).toBe('request_log_20280228');
    expect(partitionDay('request_log_20280228')).toBe('2028-02-28');
    expect(partitionDay('request_log_old')).toBeUndefined();
  });

  it('are dropped once every row is too old', () => {
    const days = ['2028-01-28', '2028-01-29', '2028-02-28'];
    expect(expiredDays(days, NOW, 30)).toEqual(['2028-01-28']);
  });
});
