import { expect, test } from 'vitest';
import { isWithinBounds, UNBOUND, type KeyBounds } from './key-bounds.js';

const bounds = (over: Partial<KeyBounds>): KeyBounds => ({ ...UNBOUND, ...over });
const day = (n: number): Date => new Date(Date.UTC(2030, 0, n));
const window = (windowSeconds: number, limit: number) => ({
  name: `w${windowSeconds}`,
  windowSeconds,
  limit,
});

test.each<[string, Partial<KeyBounds>, Partial<KeyBounds>, boolean]>([
  ['no bounds on either', {}, {}, true],
  ['the same day', { expiresAt: day(2) }, { expiresAt: day(2) }, true],
  ['a later day', { expiresAt: day(3) }, { expiresAt: day(2) }, false],
  ['no expiry', {}, { expiresAt: day(2) }, false],
  ['its own expiry', { expiresAt: day(2) }, {}, true],
  ['a part of a range', { allowedCidrs: ['10.1.0.0/16'] }, { allowedCidrs: ['10.0.0.0/8'] }, true],
  ['one address from a range', { allowedCidrs: ['10.1.2.3/32'] }, { allowedCidrs: ['10.0.0.0/8'] }, true],
  ['a wider range', { allowedCidrs: ['10.0.0.0/7'] }, { allowedCidrs: ['10.0.0.0/8'] }, false],
  ['another range', { allowedCidrs: ['11.0.0.0/8'] }, { allowedCidrs: ['10.0.0.0/8'] }, false],
  [
    'a neighboring range',
    { allowedCidrs: ['10.0.0.0/8', '12.0.0.1/32'] },
    { allowedCidrs: ['10.0.0.0/8'] },
    false,
  ],
  ['everything', { allowedCidrs: ['0.0.0.0/0', '::/0'] }, { allowedCidrs: ['10.0.0.0/8'] }, false],
  ['no range', {}, { allowedCidrs: ['10.0.0.0/8'] }, false],
  ['the other family', { allowedCidrs: ['::/128'] }, { allowedCidrs: ['0.0.0.0/0'] }, false],
  [
    'a part of a range of IPv6',
    { allowedCidrs: ['2001:db8:1::/48'] },
    { allowedCidrs: ['2001:db8::/32'] },
    true,
  ],
  ['a lower limit', { rateLimits: [window(60, 5)] }, { rateLimits: [window(60, 10)] }, true],
  ['a higher limit', { rateLimits: [window(60, 11)] }, { rateLimits: [window(60, 10)] }, false],
  ['a window that restarts', { rateLimits: [window(61, 1)] }, { rateLimits: [window(60, 10)] }, false],
  [
    'one of two windows',
    { rateLimits: [window(60, 5)] },
    { rateLimits: [window(60, 5), window(9, 1)] },
    false,
  ],
  [
    'a lower quota',
    { quotas: [{ period: 'DAY', limit: 5 }] },
    { quotas: [{ period: 'DAY', limit: 9 }] },
    true,
  ],
  [
    'another period',
    { quotas: [{ period: 'MONTH', limit: 5 }] },
    { quotas: [{ period: 'DAY', limit: 9 }] },
    false,
  ],
])('%s', (_, inner, outer, within) => {
  expect(isWithinBounds(bounds(inner), bounds(outer))).toBe(within);
});
