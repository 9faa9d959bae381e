import { describe, expect, it } from 'vitest';
import { hashSessionToken, isLive, isSessionToken, mintSessionToken } from './session.js';

const HOUR = 3_600_000;
const start = Date.UTC(2027, 0, 1);
const session = (lastSeen: number): { expiresAt: Date; lastSeenAt: Date } => ({
  expiresAt: new Date(start + 7 * 24 * HOUR),
  lastSeenAt: new Date(lastSeen),
});

describe('a session', () => {
  it('ends after seven days, however busy', () => {
    const end = start + 7 * 24 * HOUR;
    expect(isLive(session(end - 1), end - 1)).toBe(true);
    expect(isLive(session(end - 1), end)).toBe(false);
  });

  it('ends after a day without use', () => {
    expect(isLive(session(start), start + 24 * HOUR - 1)).toBe(true);
    expect(isLive(session(start), start + 24 * HOUR)).toBe(false);
  });
});

describe('a session token', () => {
  it('is 256 random bits, and only its hash is kept', () => {
    const token = mintSessionToken();
    expect(isSessionToken(token)).toBe(true);
    expect(mintSessionToken()).not.toBe(token);
    expect(hashSessionToken(token)).toHaveLength(32);
    expect(hashSessionToken(token).toString('base64url')).not.toBe(token);
  });

  it.each(['', 'short', 'a'.repeat(44), 'a'.repeat(42) + '=', `${'a'.repeat(43)}\n`, 'a'.repeat(1_000_000)])(
    'is not anything else',
    (text) => {
      expect(isSessionToken(text)).toBe(false);
    },
  );
});
