import { beforeEach, describe, expect, it } from 'vitest';
import type { LimitRules } from './limit-rules.js';
import { OwedUnits } from './owed-units.js';

const START = Date.parse('2027-03-01T12:00:00Z');
const rules: LimitRules = {
  windows: [
    { name: 'minute', limit: 10, windowSeconds: 60 },
    { name: 'half', limit: 50, windowSeconds: 1800 },
  ],
  quotas: [{ period: 'DAY', limit: 100 }],
};

let nowMs: number;
let owed: OwedUnits;
beforeEach(() => {
  nowMs = START;
  owed = new OwedUnits({ now: () => nowMs });
});

const taken = (count = 10, agoMs = 0): unknown[] =>
  owed.take(count, agoMs).map(({ subject, windowUnits }) => [subject, ...windowUnits]);

describe('what is owed', () => {
  it('is told by subject, once, as far as it still counts', () => {
    owed.add('a', rules, 4);
    owed.add('b', rules, 1);
    nowMs += 65_000;
    owed.add('a', rules, 3);
    expect(taken()).toEqual([
      ['a', 3, 7],
      ['b', 0, 1],
    ]);
    expect(owed.size).toBe(0);
    expect(taken()).toEqual([]);
    owed.add('a', rules, 1);
    expect(taken()).toEqual([['a', 1, 1]]);
  });

  it('is told of so many subjects, and only a while after the last of it passed', () => {
    for (const subject of ['a', 'b', 'c']) owed.add(subject, rules, 1);
    nowMs += 1500;
    owed.add('a', rules, 1);
    nowMs += 500;
    expect(taken(1, 2000)).toEqual([['b', 1, 1]]);
    expect(taken(5, 2000)).toEqual([['c', 1, 1]]);
    nowMs += 1500;
    expect(taken(5, 2000)).toEqual([['a', 2, 2]]);
  });

  it('is less by what was taken in advance and given back, and may be nothing that is known', () => {
    const oweLess = owed.addLease('a', rules, 8);
    oweLess(5);
    owed.add('b', rules, 0);
    expect(taken()).toEqual([
      ['a', 3, 3],
      ['b', 0, 0],
    ]);
  });

  it('is owed on when it could not be told', () => {
    owed.add('a', rules, 4);
    nowMs += 65_000;
    const [first] = owed.take(1, 0);
    owed.putBack(first!);
    expect(taken(1, 1)).toEqual([]);
    owed.add('a', rules, 1);
    expect(taken()).toEqual([['a', 1, 5]]);
  });
});
