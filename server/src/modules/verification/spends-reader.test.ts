import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LimitRules } from '../limits/limit-rules.js';
import type { PastSpend } from '../limits/rate-limiter.js';
import { SpendsReader, type ReadKeys } from './spends-reader.js';

const rules: LimitRules = { windows: [], quotas: [{ period: 'DAY', limit: 10 }] };
const SPEND: PastSpend = { atMs: 0, untilMs: 60_000, units: 3 };

let asked: string[][];
let answers: ((spends: ReadonlyMap<string, readonly PastSpend[]>) => void)[];
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
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const turn = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

describe('what keys have spent', () => {
  it('is asked for together, once for each key, one answer after the other', async () => {
    const first = ['a', 'b', 'a'].map((id) => reader.of(id, rules));
    await turn();
    const second = ['a', 'c'].map((id) => reader.of(id, rules));
    await turn();
    expect(asked).toEqual([['a', 'b']]);
    answers[0]!(new Map([['a', [SPEND]]]));
    expect(await Promise.all(first)).toEqual([[SPEND], [], [SPEND]]);
    await turn();
    expect(asked).toEqual([
      ['a', 'b'],
      ['a', 'c'],
    ]);
    answers[1]!(new Map());
    expect(await Promise.all(second)).toEqual([[], []]);
  });

  it('fails at once for a while after it failed, then is asked for again', async () => {
    const failed = reader.of('a', rules);
    await turn();
    fails[0]!(new Error('gone'));
    await expect(failed).rejects.toThrow('gone');
    await expect(reader.of('a', rules)).rejects.toThrow('cannot be read');
    expect(asked).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1001);
    const again = reader.of('a', rules);
    await turn();
    answers[1]!(new Map());
    expect(await again).toEqual([]);
  });

  it('is not waited for longer than half a second', async () => {
    const late = expect(reader.of('a', rules)).rejects.toThrow('not answered');
    await vi.advanceTimersByTimeAsync(501);
    await late;
    await expect(reader.of('b', rules)).rejects.toThrow('cannot be read');
    fails[0]!(new Error('gone'));
    await turn();
  });
});
