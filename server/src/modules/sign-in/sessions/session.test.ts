import { describe, expect, it } from 'vitest';
import { isLive } from './session.js';

const HOUR = 3_600_000;
const start = Date.UTC(2027, 0, 1);
const session = (lastSeen: number): { expiresAt: Date; lastSeenAt: Date } => ({
  expiresAt: new Date(start + 7 * 24 * HOUR),
  lastSeenAt: new Date(lastSeen),
});

describe('a session', () => {
  it('ends after seven days, even in constant use', () => {
    const end = start + 7 * 24 * HOUR;
    expect(isLive(session(end - 1), end - 1)).toBe(true);
    expect(isLive(session(end - 1), end)).toBe(false);
  });

  it('ends after a day without use', () => {
    expect(isLive(session(start), start + 24 * HOUR - 1)).toBe(true);
    expect(isLive(session(start), start + 24 * HOUR)).toBe(false);
  });
});
