import { beforeEach, describe, expect, it } from 'vitest';
import type { LimitRules } from './limit-rules.js';
import { UnsyncedUnits } from './unsynced-units.js';

const START = Date.parse('2027-03-01T12:00:00Z');
const rules: LimitRules = {
  windows: [
    { name: 'minute', limit: 10, windowSeconds: 60 },
    { name: 'half', limit: 50, windowSeconds: 1800 },
  ],
  quotas: [{ period: 'DAY', limit: 100 }],
};

let nowMs: number;
let unsynced: UnsyncedUnits;
beforeEach(() => {
  nowMs = START;
  unsynced = new UnsyncedUnits({ now: () => nowMs });
});

const taken = (count = 10, agoMs = 0): unknown[] =>
  unsynced.take(count, agoMs).map(({ subject, windowUnits }) => [subject, ...windowUnits]);

describe('unsynced units', () => {
  it('are taken once per subject, as far as they still count', () => {
    unsynced.add('a', rules, 4);
    unsynced.add('b', rules, 1);
    nowMs += 65_000;
    unsynced.add('a', rules, 3);
    expect(taken()).toEqual([
      ['a', 3, 7],
      ['b', 0, 1],
    ]);
    expect(unsynced.size).toBe(0);
    expect(taken()).toEqual([]);
    unsynced.add('a', rules, 1);
    expect(taken()).toEqual([['a', 1, 1]]);
  });

  it('are taken for a given number of subjects, some time after the last of them was spent', () => {
    for (const subject of ['a', 'b', 'c']) unsynced.add(subject, rules, 1);
    nowMs += 1500;
    unsynced.add('a', rules, 1);
    nowMs += 500;
    expect(taken(1, 2000)).toEqual([['b', 1, 1]]);
    expect(taken(5, 2000)).toEqual([['c', 1, 1]]);
    nowMs += 1500;
    expect(taken(5, 2000)).toEqual([['a', 2, 2]]);
  });

  it('are reduced by returned units of a lease, and can be empty', () => {
    const reduce = unsynced.addLease('a', rules, 8);
    reduce(5);
    unsynced.add('b', rules, 0);
    expect(taken()).toEqual([
      ['a', 3, 3],
      ['b', 0, 0],
    ]);
  });

  it('are kept after a failed sync', () => {
    unsynced.add('a', rules, 4);
    nowMs += 65_000;
    const [first] = unsynced.take(1, 0);
    unsynced.putBack(first!);
    expect(taken(1, 1)).toEqual([]);
    unsynced.add('a', rules, 1);
    expect(taken()).toEqual([['a', 1, 5]]);
  });
});
