import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NonceMemory } from './nonce-memory.js';

const NOW = 1_700_000_000_000;
const UNTIL = NOW + 300_000;

describe('the memory of nonces', () => {
  it('lets a nonce be used once for each key', () => {
    const memory = new NonceMemory();
    expect(memory.use('key_1', 'n', UNTIL, NOW)).toBe(true);
    expect(memory.use('key_1', 'n', UNTIL, NOW)).toBe(false);
    expect(memory.use('key_1', 'n', UNTIL + 60_000, NOW + 1)).toBe(false);
    expect(memory.use('key_2', 'n', UNTIL, NOW)).toBe(true);
    expect(memory.use('key_1', '__proto__', UNTIL, NOW)).toBe(true);
    expect(memory.use('key_1', '__proto__', UNTIL, NOW)).toBe(false);
  });

  it('remembers up to the last millisecond, and refuses what comes later', () => {
    const memory = new NonceMemory();
    memory.use('key_1', 'n', UNTIL, NOW);
    expect(memory.use('key_1', 'n', UNTIL, UNTIL)).toBe(false);
    expect(memory.use('key_1', 'n', UNTIL, UNTIL + 1)).toBe(false);
    expect(memory.use('key_1', 'other', UNTIL, UNTIL + 1)).toBe(false);
    expect(memory.use('key_1', 'other', NaN, NOW)).toBe(false);
    expect(memory.use('key_1', 'other', Infinity, NOW)).toBe(false);
  });

  it('forgets what no longer counts', () => {
    const memory = new NonceMemory();
    for (let i = 0; i < 100; i++) memory.use(`key_${i % 3}`, `n-${i}`, UNTIL + i, NOW);
    expect(memory.size).toBe(100);
    expect(memory.use('key_1', 'later', UNTIL + 10_000, UNTIL + 1000)).toBe(true);
    expect(memory.size).toBe(1);
    expect(memory.use('key_1', 'n-1', UNTIL + 10_000, UNTIL + 1000)).toBe(true);
  });

  it('refuses when full rather than forgetting, and has room again in time', () => {
    const memory = new NonceMemory({ maxEntries: 3, maxEntriesPerKey: 3 });
    for (const nonce of ['a', 'b', 'c']) expect(memory.use('key_1', nonce, UNTIL, NOW)).toBe(true);
    expect(memory.use('key_2', 'd', UNTIL, NOW)).toBe(false);
    for (const nonce of ['a', 'b', 'c']) expect(memory.use('key_1', nonce, UNTIL, NOW)).toBe(false);
    expect(memory.use('key_2', 'd', UNTIL + 2000, UNTIL + 1000)).toBe(true);
  });

  it('keeps one key from taking the room of all', () => {
    const memory = new NonceMemory({ maxEntries: 10, maxEntriesPerKey: 2 });
    expect(['a', 'b', 'c'].map((nonce) => memory.use('key_1', nonce, UNTIL, NOW))).toEqual([
      true,
      true,
      false,
    ]);
    expect(memory.use('key_2', 'a', UNTIL, NOW)).toBe(true);
  });

  it('goes on when a clock that ran far ahead is set right', () => {
    const memory = new NonceMemory();
    memory.use('key_1', 'a', UNTIL, NOW);
    expect(memory.use('key_1', 'b', UNTIL + 86_400_000, NOW + 86_400_000)).toBe(true);
    expect(memory.use('key_1', 'a', UNTIL, NOW + 1)).toBe(false);
    expect(memory.use('key_1', 'c', UNTIL + 1000, NOW + 1000)).toBe(true);
    expect(memory.use('key_1', 'd', UNTIL + 10_000, NOW + 1_000_000)).toBe(false);
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
  ])('never lets a nonce through twice while it counts, when the clock %s', (_, minStepMs) => {
    fc.assert(
      fc.property(uses(minStepMs), fc.integer({ min: 1, max: 8 }), (list, maxEntries) => {
        const memory = new NonceMemory({ maxEntries, maxEntriesPerKey: maxEntries });
        const accepted: { id: string; untilMs: number }[] = [];
        let now = NOW;
        for (const { keyId, nonce, aheadMs, stepMs } of list) {
          now += stepMs;
          const untilMs = now + aheadMs;
          const id = `${keyId} ${nonce}`;
          if (!memory.use(keyId, nonce, untilMs, now)) continue;
          const counts = (other: { untilMs: number }): boolean =>
            minStepMs < 0 ? other.untilMs === untilMs : other.untilMs >= now;
          expect(accepted.some((other) => other.id === id && counts(other))).toBe(false);
          accepted.push({ id, untilMs });
          expect(memory.size).toBeLessThanOrEqual(maxEntries);
        }
      }),
      { numRuns: 500 },
    );
  });
});
