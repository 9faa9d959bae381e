import { expect, it } from 'vitest';
import { allLimits } from './quotas.js';

it('distinguishes a quota per calendar day from a rate limit per day', () => {
  const key = {
    rateLimits: [{ name: 'day', limit: 5_000, windowSeconds: 86_400 }],
    quotas: [
      { period: 'DAY' as const, limit: 4_000 },
      { period: 'MONTH' as const, limit: 90_000 },
    ],
  };
  expect(allLimits(key)).toEqual({
    short: ['5,000/d', '4,000 a day', '90,000 a month'],
    long: ['5,000 per day', '4,000 per calendar day', '90,000 per calendar month'],
  });
  expect(allLimits({ rateLimits: [], quotas: [] })).toEqual({ short: [], long: [] });
});
