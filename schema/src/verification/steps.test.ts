import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ENVIRONMENTS } from './environment.js';
import type { KeyFacts, Question, RightsFault } from './key-facts.js';
import { EXPIRING_SOON_MS, keyStatusOf, lifecycleFault } from './lifecycle.js';
import { codeOfLimit, refusalOf } from './steps.js';
import { VERDICT_CODES, VERDICTS, type VerdictInfo } from './verdicts.js';

const NOW_MS = 1_000_000;

interface Facts {
  readonly revoked: boolean;
  readonly enabled: boolean;
  readonly expiresAtMs: number | null;
  readonly elsewhere: boolean;
  readonly allowed: boolean;
  readonly closed: boolean;
  readonly rights: RightsFault | 'UNJUDGED' | undefined;
}

const GOOD: Facts = {
  revoked: false,
  enabled: true,
  expiresAtMs: null,
  elsewhere: false,
  allowed: true,
  closed: false,
  rights: undefined,
};

const keyWith = ({
  revoked,
  enabled,
  expiresAtMs,
  allowed,
  rights,
}: Facts): KeyFacts<Question, 'UNJUDGED'> => ({
  revoked,
  enabled,
  expiresAtMs,
  environment: 'STAGING',
  ipRanges: { allows: (ip) => allowed && ip === '192.0.2.7' },
  rightsFault: () => rights,
});

const refusal = (facts: Facts): string | undefined =>
  refusalOf(
    keyWith(facts),
    { environment: facts.elsewhere ? 'PRODUCTION' : 'STAGING', ip: '192.0.2.7', closed: facts.closed },
    NOW_MS,
  );

/** What is wrong with a key, with the code that says so, in the order in which it is said. */
const FAULTS: readonly (readonly [Partial<Facts>, string])[] = [
  [{ revoked: true }, 'KEY_REVOKED'],
  [{ expiresAtMs: NOW_MS }, 'KEY_EXPIRED'],
  [{ enabled: false }, 'KEY_DISABLED'],
  [{ elsewhere: true }, 'WRONG_ENVIRONMENT'],
  [{ allowed: false }, 'IP_NOT_ALLOWED'],
  [{ closed: true }, 'PERMISSION_DENIED'],
  [{ rights: 'PERMISSION_DENIED' }, 'PERMISSION_DENIED'],
];

test('a valid key passes every step, until the first millisecond of its expiry', () => {
  expect(refusal(GOOD)).toBeUndefined();
  expect(refusal({ ...GOOD, expiresAtMs: NOW_MS + 1 })).toBeUndefined();
});

test('if several steps fail, the first in the order of the verdict table decides', () => {
  for (const [first, [fault, code]] of FAULTS.entries()) {
    expect(refusal({ ...GOOD, ...fault }), code).toBe(code);
    const later = FAULTS.slice(first).reduce<Facts>((facts, [each]) => ({ ...facts, ...each }), GOOD);
    expect(refusal(later), code).toBe(code);
  }
  expect(refusal({ ...GOOD, rights: 'SCOPE_DENIED' })).toBe('SCOPE_DENIED');
  const order = FAULTS.map(([, code]) => VERDICT_CODES.indexOf(code as never));
  expect(order).toEqual([...order].sort((a, b) => a - b));
});

test('unknown rights matter only once everything else passes', () => {
  expect(refusal({ ...GOOD, rights: 'UNJUDGED' })).toBe('UNJUDGED');
  for (const [fault, code] of FAULTS.slice(0, -1)) {
    expect(refusal({ ...GOOD, rights: 'UNJUDGED', ...fault })).toBe(code);
  }
});

test('each step only rejects with codes whose row names it', () => {
  const facts = fc.record({
    revoked: fc.boolean(),
    enabled: fc.boolean(),
    expiresAtMs: fc.option(fc.integer({ min: NOW_MS - 2, max: NOW_MS + 2 })),
    elsewhere: fc.boolean(),
    allowed: fc.boolean(),
    closed: fc.boolean(),
    rights: fc.constantFrom(undefined, 'PERMISSION_DENIED' as const, 'SCOPE_DENIED' as const),
  });
  const rows = Object.entries<VerdictInfo>(VERDICTS).filter(([, { step }]) => step);
  const given = new Set<string>();
  fc.assert(
    fc.property(facts, (each) => {
      const key = keyWith(each);
      const asked = {
        environment: each.elsewhere ? ENVIRONMENTS[0]! : 'STAGING',
        ip: '192.0.2.7',
        closed: each.closed,
      } as const;
      for (const [, { step }] of rows) {
        const code = step!(key, asked, NOW_MS);
        if (code === undefined) continue;
        given.add(code);
        expect(rows.find(([name]) => name === code)?.[1].step).toBe(step);
      }
    }),
  );
  expect(given).toEqual(new Set(rows.map(([code]) => code)));
});

test('the status of a key predicts its verdict', () => {
  const status = (facts: Partial<Facts>): string => keyStatusOf({ ...GOOD, ...facts }, NOW_MS);
  expect(status({})).toBe('ACTIVE');
  expect(status({ expiresAtMs: NOW_MS + EXPIRING_SOON_MS + 1 })).toBe('ACTIVE');
  expect(status({ expiresAtMs: NOW_MS + EXPIRING_SOON_MS })).toBe('EXPIRING_SOON');
  expect(status({ expiresAtMs: NOW_MS + 1 })).toBe('EXPIRING_SOON');
  expect(status({ expiresAtMs: NOW_MS })).toBe('EXPIRED');
  expect(status({ enabled: false, expiresAtMs: NOW_MS })).toBe('EXPIRED');
  expect(status({ enabled: false })).toBe('INACTIVE');
  expect(status({ revoked: true, enabled: false, expiresAtMs: 0 })).toBe('REVOKED');
  expect(lifecycleFault({ ...GOOD, expiresAtMs: NOW_MS - 1 }, NOW_MS)).toBe('KEY_EXPIRED');
});

test('an exceeded limit is reported as a rate limit or a quota', () => {
  expect(codeOfLimit('WINDOW')).toBe('RATE_LIMITED');
  expect(codeOfLimit('QUOTA')).toBe('QUOTA_EXCEEDED');
});
