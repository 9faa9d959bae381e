import { describe, expect, it } from 'vitest';
import { isId, newId, timeOfId } from './id.js';

describe('a public id', () => {
  it('is valid for its own type only', () => {
    const id = newId('key');
    expect(isId('key', id)).toBe(true);
    expect(isId('usr', id)).toBe(false);
    for (const text of [
      '',
      'key_',
      `${id}0`,
      id.toUpperCase(),
      `${id.slice(0, -1)}\0`,
      id.replace('_', '-'),
    ]) {
      expect(isId('key', text), text).toBe(false);
    }
  });

  it('sorts by creation time and contains it', () => {
    const start = Date.now();
    const ids = Array.from({ length: 5000 }, () => newId('req'));
    expect([...ids].sort()).toEqual(ids);
    expect(new Set(ids).size).toBe(5000);
    expect(timeOfId(ids[0]!)).toBeGreaterThanOrEqual(start);
    expect(timeOfId(ids.at(-1)!)).toBeLessThan(start + 60_000);
  });
});
