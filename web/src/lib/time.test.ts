import { describe, expect, it } from 'vitest';
import { formatDay, formatDuration, formatExact, relativeTime } from './time.js';

const now = Date.parse('2026-03-04T12:00:00Z');

describe('relativeTime', () => {
  it('says just now for the last seconds', () => {
    expect(relativeTime('2026-03-04T11:59:58Z', now)).toBe('just now');
  });
  it('counts seconds, hours and days', () => {
    expect(relativeTime('2026-03-04T11:59:48Z', now)).toBe('12 sec. ago');
    expect(relativeTime('2026-03-04T09:00:00Z', now)).toBe('3 hr. ago');
    expect(relativeTime('2026-04-03T12:00:00Z', now)).toBe('in 30 days');
  });
});

describe('formatDuration', () => {
  it('names the two largest units', () => {
    expect(formatDuration(7_500)).toBe('2 h 5 min');
    expect(formatDuration(86_400)).toBe('1 d');
    expect(formatDuration(0)).toBe('0 s');
  });
});

describe('formatDay', () => {
  it('keeps a bare day what it is in every time zone', () => {
    expect(formatDay('2026-03-04')).toBe('4 Mar 2026');
    expect(formatExact('2026-03-04')).toBe('4 Mar 2026');
  });
});
