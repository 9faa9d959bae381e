import { expect, it } from 'vitest';
import { digestOf, TokenCache } from './token-cache.js';
import { sampleKey } from './server-peer.fixture.js';

const key = (keyId: string) => sampleKey({ keyId });

it('evicts unused tokens when full, and reports the keys without any tokens left', () => {
  const forgotten: string[] = [];
  const cache = new TokenCache(3, ({ record }) => forgotten.push(record.keyId));
  for (const id of ['a', 'b', 'c']) expect(cache.add(id, id, key(id))).toEqual([]);
  expect(cache.add('d', 'd', key('d'))).toEqual(['a']);
  cache.find('b');
  expect(cache.add('e', 'e', key('e'))).toEqual(['c']);
  expect(['b', 'd', 'e'].map((id) => cache.find(id)?.key.record.keyId)).toEqual(['b', 'd', 'e']);
  expect(forgotten).toEqual(['a', 'c']);
  expect(cache.size).toBe(3);
});

it('keeps a key as long as one of its tokens', () => {
  const cache = new TokenCache(10, () => undefined);
  cache.add('old', 'old', sampleKey({ previousSecretUntilMs: 5 }));
  cache.add('new', 'new', sampleKey());
  expect(cache.find('old')!.key).toBe(cache.find('new')!.key);
  expect(cache.find('old')!.previousUntilMs).toBe(5);
  expect(cache.remove(cache.find('old')!)).toBe(false);
  expect(cache.findKey('key_1')).toBeDefined();
  cache.forget('key_1');
  expect(cache.find('new')).toBeUndefined();
  expect(cache.findKey('key_1')).toBeUndefined();
});

it('stores tokens under a digest that does not reveal them, and masks them', () => {
  const token = `kw_live_${'a'.repeat(46)}Z9x8`;
  const cache = new TokenCache(10, () => undefined);
  cache.add(digestOf(token), token, sampleKey());
  expect(cache.find(digestOf(token))!.masked).toBe('kw_live_…Z9x8');
  expect(
    JSON.stringify(
      [...cache.all()].map(({ record, tokens }) => [record, ...[...tokens].map((t) => t.digest)]),
    ),
  ).not.toContain('aaaa');
});
