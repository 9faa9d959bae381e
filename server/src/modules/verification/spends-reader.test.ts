import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LimitRules } from '../limits/limit-rules.js';
import type { PastSpends } from '../limits/rate-limiter.js';
import { SpendsReader, type ReadKeys } from './spends-reader.js';

const rules: LimitRules = { windows: [], quotas: [{ period: 'DAY', limit: 10 }] };
const SPENDS: PastSpends = { windows: [], quotas: [{ atMs: 0, untilMs: 60_000, units: 3 }] };
const NOTHING: PastSpends = { windows: [], quotas: [] };

let asked: string[][];
let answers: ((spends: ReadonlyMap<string, PastSpends>) => void)[];
let fails: ((error: Error) => void)[];
let reader: SpendsReader;

beforeEach(() => {
  vi.useFakeTimers();
  [asked, answers, fails] = [[], [], []];
  const read: ReadKeys = (keys) => {
    asked.push(keys.map(({ id }) => id));
    return new Promise((resolve, reject) => {
      answers.push(resolve);
      fails.push(reject);
    });
  };
  reader = new SpendsReader(read, { now: () => Date.now() });
});
afterEach(() => vi.useRealTimers());

const turn = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

describe('what keys have spent', () => {
  it('is requested in batches, once per key until answered, one query at a time', async () => {
    const first = ['a', 'b', 'a'].map((id) => reader.of(id, rules));
    await turn();
    const second = ['a', 'c', 'd'].map((id) => reader.of(id, rules));
    await turn();
    expect(asked).toEqual([['a', 'b']]);
    answers[0]!(new Map([['a', SPENDS]]));
    expect(await Promise.all(first)).toEqual([SPENDS, NOTHING, SPENDS]);
    expect(await second[0]).toEqual(SPENDS);
    await turn();
    expect(asked).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
    answers[1]!(new Map());
    expect(await Promise.all(second)).toEqual([SPENDS, NOTHING, NOTHING]);
    const again = reader.of('a', rules);
    await turn();
    expect(asked).toHaveLength(3);
    answers[2]!(new Map());
    expect(await again).toEqual(NOTHING);
  });

  it('is requested again, later, for rules that were changed meanwhile', async () => {
    const changed: LimitRules = { ...rules };
    const both = [reader.of('a', rules), reader.of('a', changed)];
    await turn();
    expect(asked).toEqual([['a']]);
    answers[0]!(new Map());
    expect(await both[0]).toEqual(NOTHING);
    await turn();
    expect(asked).toEqual([['a'], ['a']]);
    answers[1]!(new Map([['a', SPENDS]]));
    expect(await both[1]).toEqual(SPENDS);
  });

  it('is requested for a limited number of keys per query', async () => {
    const all = Array.from({ length: 450 }, (_, i) => reader.of(`key_${i}`, rules));
    for (let i = 0; i < 3; i++) {
      await turn();
      answers[i]!(new Map());
    }
    expect(await Promise.all(all)).toHaveLength(450);
    expect(asked.map(({ length }) => length)).toEqual([200, 200, 50]);
  });

  it('fails immediately for a while after a failure, then is requested again', async () => {
    const failed = expect(reader.of('a', rules)).rejects.toThrow('gone');
    await turn();
    fails[0]!(new Error('gone'));
    await failed;
    await expect(reader.of('a', rules)).rejects.toThrow('cannot be read');
    expect(asked).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1001);
    const again = reader.of('a', rules);
    await turn();
    answers[1]!(new Map());
    expect(await again).toEqual(NOTHING);
  });

  it('delays nobody for more than a quarter of a second, and a late answer serves later callers', async () => {
    const late = expect(reader.of('a', rules)).rejects.toThrow('not read in time');
    await vi.advanceTimersByTimeAsync(251);
    await late;
    const second = expect(reader.of('a', rules)).rejects.toThrow('not read in time');
    await vi.advanceTimersByTimeAsync(251);
    await second;
    answers[0]!(new Map([['a', SPENDS]]));
    await turn();
    expect(await reader.of('a', rules)).toEqual(SPENDS);
    expect(asked).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(2001);
    const anew = reader.of('a', rules);
    await turn();
    expect(asked).toHaveLength(2);
    answers[1]!(new Map());
    expect(await anew).toEqual(NOTHING);
  });
});
