import { beforeEach, describe, expect, it } from 'vitest';
import { OwedUnits, type Owed } from './owed-units.js';

const rules = { windows: [], quotas: [] };
const owe = (units: number, atMs: number, era = 'first'): Owed => ({ rules, units, atMs, era });

let owed: OwedUnits;
beforeEach(() => {
  owed = new OwedUnits();
});

describe('what is owed', () => {
  it('is summed up by subject, and taken once', () => {
    owed.add('a', owe(2, 100));
    owed.add('b', owe(1, 150));
    owed.add('a', owe(3, 200));
    expect(owed.take('a')).toEqual(owe(5, 200));
    expect(owed.take('a')).toBeNull();
    expect(owed.takeFirst()).toEqual(['b', owe(1, 150)]);
    expect(owed.takeFirst()).toBeNull();
  });

  it('is only that of the newer of two eras, in whichever order it is added', () => {
    owed.add('a', owe(2, 100));
    owed.add('a', owe(3, 200, 'second'));
    owed.add('a', owe(4, 150));
    expect(owed.take('a')).toEqual(owe(3, 200, 'second'));
  });

  it('is kept of so many subjects', () => {
    for (let i = 0; i <= 100_000; i++) owed.add(`key_${i}`, owe(1, i));
    expect(owed.size).toBe(100_000);
    expect(owed.take('key_0')).toBeNull();
    expect(owed.take('key_1')).toEqual(owe(1, 1));
  });
});
