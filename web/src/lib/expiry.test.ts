import { describe, expect, it } from 'vitest';
import { dayAfter, endOfDay, expiryProblem } from './expiry.js';

const now = Date.parse('2026-03-04T22:30:00Z');

describe('expiry', () => {
  it('adds days over the end of a month', () => {
    expect(dayAfter(30, now)).toBe('2026-04-03');
    expect(dayAfter(365, now)).toBe('2027-03-04');
  });
  it('ends with the day, in UTC', () => {
    expect(endOfDay('2026-04-03')).toBe('2026-04-03T23:59:59.000Z');
  });
  it('takes today while it lasts, and refuses yesterday and nonsense', () => {
    expect(expiryProblem('2026-03-04', now)).toBeNull();
    expect(expiryProblem('2026-03-03', now)).toMatch(/passed/);
    expect(expiryProblem('', now)).toBe('Choose a date.');
    expect(expiryProblem('2026-13-45', now)).toBe('Choose a date.');
  });
});
