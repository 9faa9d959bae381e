import { describe, expect, it } from 'vitest';
import { dayAfter, endInWords, endOfDay, expiryProblem } from './expiry.js';

const now = Date.parse('2026-03-04T22:30:00Z');

describe('expiry', () => {
  it('adds days across the end of a month', () => {
    expect(dayAfter(30, now)).toBe('2026-04-03');
    expect(dayAfter(365, now)).toBe('2027-03-04');
  });
  it('is at the end of the day, in UTC', () => {
    expect(endOfDay('2026-04-03')).toBe('2026-04-03T23:59:59.000Z');
  });
  it('accepts today until it ends, and rejects yesterday and invalid dates', () => {
    expect(expiryProblem('2026-03-04', now)).toBeNull();
    expect(expiryProblem('2026-03-03', now)).toBe(
      'This day has passed in UTC. The earliest is today, 4 Mar 2026 (UTC).',
    );
    expect(expiryProblem('', now)).toBe('Choose a date.');
    expect(expiryProblem('2026-13-45', now)).toBe('Choose a date.');
  });
  it('shows the end of a day only if it is one', () => {
    expect(endInWords('2026-04-03T23:59:59.000Z')).toBe('the end of 3 Apr 2026 (UTC)');
    expect(endInWords('2026-04-03T00:30:00.000Z')).toBe('3 Apr 2026, 00:30:00 UTC');
  });
});
