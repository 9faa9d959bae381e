import { describe, expect, it } from 'vitest';
import { MemoryRateLimiter } from '../limits/memory-rate-limiter.js';
import { NonceMemory } from '../signatures/nonce-memory.js';
import type { ShownNonce } from '../signatures/nonce.js';
import { memorySingleUse } from './single-use.js';

const NOW = 1_700_000_000_000;
const ONE_A_MINUTE = { windows: [{ name: 'minute', limit: 1, windowSeconds: 60 }], quotas: [] };

const nonce = (value: string): ShownNonce => ({
  keyId: 'key_1',
  customerId: null,
  value,
  createdMs: NOW,
  untilMs: NOW + 300_000,
});

describe('a nonce and the limits of its key', () => {
  let nowMs = NOW;
  const nonces = new NonceMemory(0);
  const singleUse = memorySingleUse(nonces, new MemoryRateLimiter({ now: () => nowMs }));
  const charge = (value: string): unknown => {
    const decision = singleUse.charge(nonce(value), ONE_A_MINUTE, 1, nowMs);
    return typeof decision === 'object' && 'allowed' in decision ? decision.allowed : decision;
  };

  it('are used and charged together, or not at all', () => {
    expect(charge('a')).toBe(true);
    for (let i = 0; i < 1000; i++) expect(charge(`b-${i}`)).toBe(false);
    expect(nonces.size).toBe(1);
    expect(charge('a')).toBe('REPEATED');

    nowMs += 60_000;
    expect(charge('a')).toBe('REPEATED');
    expect(charge('b-7')).toBe(true);
    expect(charge('b-7')).toBe('REPEATED');
    expect(nonces.size).toBe(2);
  });
});
