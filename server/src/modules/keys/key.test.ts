import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../../core/clock.js';
import { statusOf } from './key.js';

const now = Date.UTC(2027, 0, 1);
const key = { revokedAt: null, expiresAt: null, enabled: true };

describe('the status of a key', () => {
  it('is active unless another status applies', () => {
    expect(statusOf(key, null, now)).toBe('ACTIVE');
    expect(statusOf({ ...key, expiresAt: new Date(now + 30 * DAY_MS + 1) }, null, now)).toBe('ACTIVE');
  });

  it('is expiring soon from 30 days before the expiry to its last millisecond', () => {
    expect(statusOf({ ...key, expiresAt: new Date(now + 30 * DAY_MS) }, null, now)).toBe('EXPIRING_SOON');
    expect(statusOf({ ...key, expiresAt: new Date(now + 1) }, null, now)).toBe('EXPIRING_SOON');
  });

  it('is expired from the exact moment of the expiry', () => {
    expect(statusOf({ ...key, expiresAt: new Date(now) }, null, now)).toBe('EXPIRED');
  });

  it('puts revoked before expired, and expired before inactive', () => {
    const past = new Date(now - 1);
    expect(statusOf({ revokedAt: past, expiresAt: past, enabled: false }, null, now)).toBe('REVOKED');
    expect(statusOf({ revokedAt: null, expiresAt: past, enabled: false }, null, now)).toBe('EXPIRED');
    expect(statusOf({ ...key, enabled: false }, null, now)).toBe('INACTIVE');
    expect(statusOf({ ...key, expiresAt: past }, 'API_DISABLED', now)).toBe('EXPIRED');
  });

  it('is inactive while its service account or API is switched off', () => {
    expect(statusOf(key, 'SERVICE_ACCOUNT_DISABLED', now)).toBe('INACTIVE');
    expect(statusOf({ ...key, expiresAt: new Date(now + 1) }, 'API_DISABLED', now)).toBe('INACTIVE');
  });
});
