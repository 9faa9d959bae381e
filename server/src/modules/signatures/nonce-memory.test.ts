import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CLOCK_LEEWAY_MS, type NonceUse } from './nonce.js';
import { NonceMemory } from './nonce-memory.js';

const NOW = 1_700_000_000_000;
const UNTIL = NOW + 300_000;
const LONG_AGO = NOW - 3_600_000;
const CUSTOMER = 'scp_1';
const ROOM = { maxEntries: 1000, maxEntriesPerKey: 1000, maxEntriesPerCustomer: 1000 };

/** Uses the nonce of a signature that is accepted for 300 seconds after its creation. */
const use = (memory: NonceMemory, keyId: string, value: string, untilMs: number, nowMs: number): NonceUse =>
  memory.use({ keyId, customerId: CUSTOMER, value, createdMs: untilMs - 300_000, untilMs }, nowMs);

describe('the nonce memory', () => {
  it('accepts a nonce once per key', () => {
    const memory = new NonceMemory(LONG_AGO);
    expect(use(memory, 'key_1', 'n', UNTIL, NOW)).toBe('FIRST');
    expect(use(memory, 'key_1', 'n', UNTIL, NOW)).toBe('REPEATED');
    expect(use(memory, 'key_1', 'n', UNTIL + 60_000, NOW + 1)).toBe('REPEATED');
    expect(use(memory, 'key_2', 'n', UNTIL, NOW)).toBe('FIRST');
    expect(use(memory, 'key_1', '__proto__', UNTIL, NOW)).toBe('FIRST');
    expect(use(memory, 'key_1', '__proto__', UNTIL, NOW)).toBe('REPEATED');
  });

  it('reports used nonces without using them', () => {
    const memory = new NonceMemory(LONG_AGO);
    expect(memory.has('key_1', 'n')).toBe(false);
    expect(use(memory, 'key_1', 'n', UNTIL, NOW)).toBe('FIRST');
    expect([memory.has('key_1', 'n'), memory.has('key_2', 'n'), memory.has('key_1', 'm')]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('keeps a nonce to the last millisecond, and rejects it later', () => {
    const memory = new NonceMemory(LONG_AGO);
    use(memory, 'key_1', 'n', UNTIL, NOW);
    expect(use(memory, 'key_1', 'n', UNTIL, UNTIL)).toBe('REPEATED');
    expect(use(memory, 'key_1', 'n', UNTIL, UNTIL + 1)).toBe('REPEATED');
    expect(use(memory, 'key_1', 'other', UNTIL, UNTIL + 1)).toBe('UNKNOWN');
    expect(use(memory, 'key_1', 'other', NaN, NOW)).toBe('UNKNOWN');
    expect(use(memory, 'key_1', 'other', Infinity, NOW)).toBe('UNKNOWN');
  });

  it('evicts expired nonces', () => {
    const memory = new NonceMemory(LONG_AGO);
    for (let i = 0; i < 100; i++) use(memory, `key_${i % 3}`, `n-${i}`, UNTIL + i, NOW);
    expect(memory.size).toBe(100);
    expect(use(memory, 'key_1', 'later', UNTIL + 10_000, UNTIL + 1000)).toBe('FIRST');
    expect(memory.size).toBe(1);
    expect(use(memory, 'key_1', 'n-1', UNTIL + 10_000, UNTIL + 1000)).toBe('FIRST');
  });

  it('rejects new nonces when full instead of evicting, until some expire', () => {
    const memory = new NonceMemory(LONG_AGO, { ...ROOM, maxEntries: 3 });
    for (const nonce of ['a', 'b', 'c']) expect(use(memory, 'key_1', nonce, UNTIL, NOW)).toBe('FIRST');
    expect(use(memory, 'key_2', 'd', UNTIL, NOW)).toBe('UNKNOWN');
    for (const nonce of ['a', 'b', 'c']) expect(use(memory, 'key_1', nonce, UNTIL, NOW)).toBe('REPEATED');
    expect(use(memory, 'key_2', 'd', UNTIL + 2000, UNTIL + 1000)).toBe('FIRST');
  });

  it('accepts no nonce that may have been used before the memory started', () => {
    const memory = new NonceMemory(NOW);
    const at = (createdMs: number, value: string): NonceUse =>
      memory.use(
        { keyId: 'key_1', customerId: null, value, createdMs, untilMs: createdMs + 300_000 },
        NOW + 10_000,
      );
    expect(at(NOW - 200_000, 'a')).toBe('UNKNOWN');
    expect(at(NOW + CLOCK_LEEWAY_MS, 'b')).toBe('UNKNOWN');
    expect(at(NOW + CLOCK_LEEWAY_MS + 1, 'b')).toBe('FIRST');
    expect(at(NOW - 200_000, 'b')).toBe('REPEATED');
    expect(memory.size).toBe(1);
  });

  it('prevents one key from using up all space', () => {
    const memory = new NonceMemory(LONG_AGO, { ...ROOM, maxEntriesPerKey: 2 });
    expect(['a', 'b', 'c'].map((nonce) => use(memory, 'key_1', nonce, UNTIL, NOW))).toEqual([
      'FIRST',
      'FIRST',
      'UNKNOWN',
    ]);
    expect(use(memory, 'key_2', 'a', UNTIL, NOW)).toBe('FIRST');
  });

  it('prevents the keys of one customer from using up all space', () => {
    const memory = new NonceMemory(LONG_AGO, { ...ROOM, maxEntriesPerCustomer: 2 });
    const useOf = (customerId: string | null, keyId: string, nowMs = NOW, untilMs = UNTIL): NonceUse =>
      memory.use({ keyId, customerId, value: 'n', createdMs: NOW, untilMs }, nowMs);
    expect(['key_1', 'key_2', 'key_3'].map((id) => useOf('scp_1', id))).toEqual([
      'FIRST',
      'FIRST',
      'UNKNOWN',
    ]);
    expect(['key_4', 'key_5'].map((id) => useOf('scp_2', id))).toEqual(['FIRST', 'FIRST']);
    expect(useOf(null, 'key_6')).toBe('FIRST');
    expect(useOf('scp_1', 'key_3', UNTIL + 1000, UNTIL + 2000)).toBe('FIRST');
  });

  it('looks up without using', () => {
    const memory = new NonceMemory(LONG_AGO);
    const nonce = { keyId: 'key_1', customerId: null, value: 'n', createdMs: NOW, untilMs: UNTIL };
    expect([memory.look(nonce, NOW), memory.look(nonce, NOW)]).toEqual(['FIRST', 'FIRST']);
    expect([memory.use(nonce, NOW), memory.look(nonce, NOW)]).toEqual(['FIRST', 'REPEATED']);
  });

  it('keeps working after a clock that was far ahead is corrected', () => {
    const memory = new NonceMemory(LONG_AGO);
    use(memory, 'key_1', 'a', UNTIL, NOW);
    expect(use(memory, 'key_1', 'b', UNTIL + 86_400_000, NOW + 86_400_000)).toBe('FIRST');
    expect(use(memory, 'key_1', 'a', UNTIL, NOW + 1)).toBe('UNKNOWN');
    expect(use(memory, 'key_1', 'c', UNTIL + 1000, NOW + 1000)).toBe('FIRST');
    expect(use(memory, 'key_1', 'd', UNTIL + 10_000, NOW + 1_000_000)).toBe('UNKNOWN');
    expect(memory.size).toBe(1);
  });

  const uses = (minStepMs: number) =>
    fc.array(
      fc.record({
        keyId: fc.constantFrom('key_1', 'key_2'),
        nonce: fc.constantFrom('a', 'b', 'c', 'd'),
        aheadMs: fc.integer({ min: -2, max: 8 }).map((ahead) => ahead * 1000),
        stepMs: fc.integer({ min: minStepMs, max: 6 }).map((step) => step * 500),
      }),
      { maxLength: 60 },
    );

  it.each([
    ['steps forward only', 0],
    ['steps back too', -6],
  ])('never accepts a nonce twice before it expires, when the clock %s', (_, minStepMs) => {
    fc.assert(
      fc.property(uses(minStepMs), fc.integer({ min: 1, max: 8 }), (list, maxEntries) => {
        const memory = new NonceMemory(LONG_AGO, { ...ROOM, maxEntries });
        const accepted: { id: string; untilMs: number }[] = [];
        let now = NOW;
        for (const { keyId, nonce, aheadMs, stepMs } of list) {
          now += stepMs;
          const untilMs = now + aheadMs;
          const id = `${keyId} ${nonce}`;
          if (use(memory, keyId, nonce, untilMs, now) !== 'FIRST') continue;
          const counts = (other: { untilMs: number }): boolean =>
            minStepMs < 0 ? other.untilMs === untilMs : other.untilMs >= now;
          expect(accepted.some((other) => other.id === id && counts(other))).toBe(false);
          accepted.push({ id, untilMs });
          expect(memory.size).toBeLessThanOrEqual(maxEntries);
        }
      }),
    );
  });
});
