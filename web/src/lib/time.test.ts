import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { formatDuration, relativeTime } from './time.js';

const now = Date.parse('2026-03-04T12:00:00Z');

describe('relativeTime', () => {
  it('shows "just now" for the last seconds', () => {
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

describe.each(['Pacific/Kiritimati', 'America/Los_Angeles', 'UTC'])('a browser in the zone %s', (zone) => {
  let time: typeof import('./time.js');
  beforeEach(async () => {
    vi.stubEnv('TZ', zone);
    vi.resetModules();
    time = await import('./time.js');
  });
  // Other files must not get the module that read this zone.
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.resetModules();
  });

  it('shows days in UTC, and says so', () => {
    for (const instant of ['2026-03-04T00:00:00Z', '2026-03-04T12:00:00.000Z', '2026-03-04T23:59:59.999Z']) {
      expect(time.formatDay(instant)).toBe('4 Mar 2026');
      expect(time.formatUtcDay(instant)).toBe('4 Mar 2026 UTC');
    }
    expect(time.formatExact('2026-03-04T00:30:00.000Z')).toBe('4 Mar 2026, 00:30:00 UTC');
  });

  it('keeps a bare date unchanged', () => {
    expect(time.formatDay('2026-03-04')).toBe('4 Mar 2026');
    expect(time.formatUtcDay('2026-03-04')).toBe('4 Mar 2026');
    expect(time.formatExact('2026-03-04')).toBe('4 Mar 2026');
  });

  it('shows an expiry by its day only if it is the end of that day', () => {
    expect(time.formatEnd('2026-03-04T23:59:59.000Z')).toBe('4 Mar 2026 UTC');
    expect(time.formatEnd('2026-03-04T00:30:00.000Z')).toBe('4 Mar 2026, 00:30:00 UTC');
    expect(time.formatEnd('2026-03-05T00:00:00.000Z')).toBe('5 Mar 2026, 00:00:00 UTC');
    expect(time.formatEnd('2026-03-04T23:59:58.000Z')).toBe('4 Mar 2026, 23:59:58 UTC');
  });
});
