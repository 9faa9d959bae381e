import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../../core/clock.js';
import { statusOf } from './key.js';

const now = Date.UTC(2027, 0, 1);
const key = { revokedAt: null, expiresAt: null, enabled: true };

describe('the status of a key', () => {
  it('is active while nothing speaks against it', () => {
    expect(statusOf(key, now)).toBe('ACTIVE');
    expect(statusOf({ ...key, expiresAt: new Date(now + 30 * DAY_MS + 1) }, now)).toBe('ACTIVE');
  });

  it('is expiring soon from 30 days before the expiry to its last millisecond', () => {
    expect(statusOf({ ...key, expiresAt: new Date(now + 30 * DAY_MS) }, now)).toBe('EXPIRING_SOON');
    expect(statusOf({ ...key, expiresAt: new Date(now + 1) }, now)).toBe('EXPIRING_SOON');
  });

  it('is expired from the very moment of the expiry', () => {
    expect(statusOf({ ...key, expiresAt: new Date(now) }, now)).toBe('EXPIRED');
  });

  it('puts revoked before expired, and expired before inactive', () => {
    const past = new Date(now - 1);
    expect(statusOf({ revokedAt: past, expiresAt: past, enabled: false }, now)).toBe('REVOKED');
    expect(statusOf({ revokedAt: null, expiresAt: past, enabled: false }, now)).toBe('EXPIRED');
    expect(statusOf({ ...key, enabled: false }, now)).toBe('INACTIVE');
  });
});
