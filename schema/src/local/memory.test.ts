import { expect, it } from 'vitest';
import { digestOf, Memory } from './memory.js';
import { sampleKey } from './server-peer.fixture.js';

const key = (keyId: string) => sampleKey({ keyId });

it('a full memory forgets what was not used, and says of which keys nothing is left', () => {
  const forgotten: string[] = [];
  const memory = new Memory(3, ({ record }) => forgotten.push(record.keyId));
  for (const id of ['a', 'b', 'c']) expect(memory.add(id, id, key(id))).toEqual([]);
  expect(memory.add('d', 'd', key('d'))).toEqual(['a']);
  memory.find('b');
  expect(memory.add('e', 'e', key('e'))).toEqual(['c']);
  expect(['b', 'd', 'e'].map((id) => memory.find(id)?.key.record.keyId)).toEqual(['b', 'd', 'e']);
  expect(forgotten).toEqual(['a', 'c']);
  expect(memory.size).toBe(3);
});

it('a key is remembered as long as one of its tokens is', () => {
  const memory = new Memory(10, () => undefined);
  memory.add('old', 'old', sampleKey({ previousSecretUntilMs: 5 }));
  memory.add('new', 'new', sampleKey());
  expect(memory.find('old')!.key).toBe(memory.find('new')!.key);
  expect(memory.find('old')!.previousUntilMs).toBe(5);
  expect(memory.remove(memory.find('old')!)).toBe(false);
  expect(memory.findKey('key_1')).toBeDefined();
  memory.forget('key_1');
  expect(memory.find('new')).toBeUndefined();
  expect(memory.findKey('key_1')).toBeUndefined();
});

it('tokens are remembered under a digest that does not tell them, and shown masked', () => {
  const token = `kw_live_${'a'.repeat(46)}Z9x8`;
  const memory = new Memory(10, () => undefined);
  memory.add(digestOf(token), token, sampleKey());
  expect(memory.find(digestOf(token))!.masked).toBe('kw_live_…Z9x8');
  expect(
    JSON.stringify(
      [...memory.all()].map(({ record, tokens }) => [record, ...[...tokens].map((t) => t.digest)]),
    ),
  ).not.toContain('aaaa');
});
