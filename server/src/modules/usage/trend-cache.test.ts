import { expect, it } from 'vitest';
import { TrendCache } from './trend-cache.js';

it('returns a trend for a second, unless its key was used', () => {
  let nowMs = 0;
  const cache = new TrendCache({ now: () => nowMs });
  cache.keep(['key_1', 'key_2'], [[1], [2]]);
  nowMs = 999;
  expect(cache.get('key_1')).toEqual([1]);
  cache.forget(['key_1']);
  expect(cache.get('key_1')).toBeUndefined();
  expect(cache.get('key_2')).toEqual([2]);
  nowMs = 1000;
  expect(cache.get('key_2')).toBeUndefined();
});

it('does not grow without bounds', () => {
  const cache = new TrendCache({ now: () => 0 });
  for (let i = 0; i < 50_000; i++) cache.keep([`key_${i}`], [[i]]);
  expect(cache.get('key_0')).toBeUndefined();
  expect(cache.get('key_49999')).toEqual([49_999]);
});
