import { describe, expect, it } from 'vitest';
import { isAnswer, isFresh } from './staleness.js';

const MAX = 300_000;

describe('the state of the key index', () => {
  it('decides up to 5 s after it was synchronised', () => {
    expect(isFresh({ syncedAtMs: 0, answeredAtMs: 0 }, 5000, MAX)).toBe(true);
  });

  it('decides no longer than that while the database answers', () => {
    expect(isFresh({ syncedAtMs: 0, answeredAtMs: 5000 }, 5001, MAX)).toBe(false);
    expect(isFresh({ syncedAtMs: 0, answeredAtMs: 2600 }, 7599, MAX)).toBe(false);
  });

  it('goes on deciding when the database went away right after it had answered something else', () => {
    for (const nowMs of [5001, 5999, 6001, MAX]) {
      expect(isFresh({ syncedAtMs: 0, answeredAtMs: 1000 }, nowMs, MAX), String(nowMs)).toBe(true);
    }
  });

  it('decides until the bound when the database cannot be reached, and then no more', () => {
    expect(isFresh({ syncedAtMs: 0, answeredAtMs: 0 }, MAX, MAX)).toBe(true);
    expect(isFresh({ syncedAtMs: 0, answeredAtMs: 0 }, MAX + 1, MAX)).toBe(false);
  });

  it('tells a database that refuses a query from one that is away', () => {
    const withCode = (code: string) => Object.assign(new Error('x'), { code });
    expect(isAnswer(withCode('42P01'))).toBe(true);
    for (const code of ['57P01', '57P03', '08006', '53300', 'ECONNREFUSED', 'EPIPE', 'ENOENT']) {
      expect(isAnswer(withCode(code)), code).toBe(false);
    }
    expect(isAnswer(new Error('timeout'))).toBe(false);
  });
});
