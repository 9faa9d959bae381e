import { describe, expect, it } from 'vitest';
import { isLater, parseSnapshot, readSnapshot, sees } from './snapshot.js';

describe('a snapshot', () => {
  it('sees finished transactions, and none that were running or started later', () => {
    const snapshot = parseSnapshot('10:20:12,15');
    const seen = [9n, 10n, 11n, 12n, 15n, 16n, 19n, 20n, 21n].filter((xid) => sees(snapshot, xid));
    expect(seen).toEqual([9n, 10n, 11n, 16n, 19n]);
  });

  it('can have no running transactions', () => {
    const snapshot = parseSnapshot('20:20:');
    expect(sees(snapshot, 19n)).toBe(true);
    expect(sees(snapshot, 20n)).toBe(false);
  });

  it('supports transaction ids beyond 2^53', () => {
    expect(parseSnapshot('9007199254740993:9007199254740994:').xmin).toBe(9007199254740993n);
  });

  it.each(['10:20:', '10:20:12,15', '1:1:'])('is read from a caller: %s', (text) => {
    expect(readSnapshot(text)?.text).toBe(text);
  });

  it.each([
    '',
    '10',
    '20:10:',
    '0:5:',
    '10:20:9',
    '10:20:20',
    '10:20:15,12',
    `1:${2n ** 63n}:`,
    'a:b:',
    "1:1:'",
  ])('is not read from a caller: %s', (text) => {
    expect(readSnapshot(text)).toBeUndefined();
  });

  it('is later when it sees more', () => {
    const order = ['10:20:12,15', '12:20:15', '20:20:', '20:21:20'].map(parseSnapshot);
    for (const [i, one] of order.entries())
      for (const [j, other] of order.entries()) expect(isLater(one, other)).toBe(i > j);
  });
});
