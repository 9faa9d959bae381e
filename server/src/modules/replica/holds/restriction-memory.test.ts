import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { keyRecord, type KeyChanges } from '../indexed-key.fixture.js';
import { RestrictionFile } from './restriction-file.js';
import { RestrictionMemory } from './restriction-memory.js';

const place = (seq: number, hash = `hash ${seq}`) => ({ era: 'first', audit: { seq, hash } });
const key = (version: number, changes: KeyChanges = {}) => keyRecord({ id: 'key_a', version, ...changes });
const everything = (): boolean => true;

async function open(directory: string): Promise<RestrictionMemory> {
  const { file, lines } = await RestrictionFile.open(directory, 'one', (message) => {
    throw new Error(message);
  });
  return new RestrictionMemory(file, lines);
}
const directory = (): string => mkdtempSync(join(tmpdir(), 'keywright-memory-'));
const fileOf = (path: string): string =>
  join(path, 'revocations', readdirSync(join(path, 'revocations'))[0]!);

it('remembers across restarts the changes that restricted a key, and nothing else', async () => {
  const path = directory();
  const memory = await open(path);
  memory.record(key(1), undefined);
  memory.record(key(2, { name: 'renamed' }), key(1));
  memory.commit(place(1));
  expect(memory.lostAt(everything).keys).toEqual([]);
  memory.record(key(3, { enabled: false }), key(2));
  memory.commit(place(2));
  const again = await open(path);
  expect(again.reached).toMatchObject({ era: 'first', audit: { seq: 2 } });
  expect(again.lostAt(({ seq }) => seq === 2).keys).toMatchObject([
    { id: 'key_a', restriction: { enabled: false } },
  ]);
  expect(again.lostAt(({ seq }) => seq === 1).keys).toEqual([]);
});

it('lets a later change replace an earlier one', async () => {
  const memory = await open(directory());
  memory.record(key(2, { enabled: false }), key(1));
  memory.commit(place(2));
  memory.record(key(3), key(2, { enabled: false }));
  memory.commit(place(3));
  expect(memory.lostAt(everything).keys).toMatchObject([{ restriction: { enabled: true } }]);
});

it('records what changed while no process ran, once its place is known', async () => {
  const path = directory();
  const memory = await open(path);
  memory.record(key(5), undefined);
  memory.commit(place(1));
  const again = await open(path);
  again.record(key(6, { expiresAtMs: 1 }), undefined);
  again.record(keyRecord({ id: 'key_b', version: 4 }), undefined);
  again.record(keyRecord({ id: 'key_c', version: 3, revoked: true }), undefined);
  again.commit(place(2));
  expect(again.lostAt(everything).keys.map(({ id }) => id)).toEqual(['key_a', 'key_c']);
});

it('moves a repeated record to the later place, where it may have been committed', async () => {
  const memory = await open(directory());
  memory.record(key(2, { revoked: true }), key(1));
  memory.commit(place(2));
  memory.record(key(2, { revoked: true }), key(2, { revoked: true }));
  memory.commit(place(3));
  expect(memory.places).toMatchObject([{ seq: 3 }]);
});

it('reads up to an interrupted write, and continues from there', async () => {
  const path = directory();
  const memory = await open(path);
  memory.record(key(2, { revoked: true }), key(1));
  memory.commit(place(2));
  const whole = readFileSync(fileOf(path));
  memory.record(keyRecord({ id: 'key_b', revoked: true, version: 3 }), undefined);
  memory.commit(place(3));
  truncateSync(fileOf(path), whole.length + 5);
  const again = await open(path);
  expect(again.lostAt(everything).keys.map(({ id }) => id)).toEqual(['key_a']);
  again.record(keyRecord({ id: 'key_c', revoked: true, version: 4 }), undefined);
  again.commit(place(5));
  const flipped = readFileSync(fileOf(path));
  expect((await open(path)).lostAt(everything).keys.map(({ id }) => id)).toEqual(['key_a', 'key_c']);
  flipped[12]! ^= 1;
  writeFileSync(fileOf(path), flipped);
  expect((await open(path)).lostAt(everything).keys).toEqual([]);
});

it('remembers the route rule list as last applied, or its hold', async () => {
  const path = directory();
  const memory = await open(path);
  const rules = (noMatch: 'DENY' | 'ANY_KEY') => ({ rules: [], noMatch });
  memory.recordRoutes(rules('ANY_KEY'));
  memory.commit(place(1));
  memory.recordRoutes(rules('DENY'));
  memory.commit(place(2));
  memory.commit(place(3));
  memory.recordRoutes(rules('DENY'));
  memory.commit(place(4));
  const again = await open(path);
  expect(again.lostAt(({ seq }) => seq === 2)).toMatchObject({
    keys: [],
    entries: [],
    routes: { audit: { seq: 2 }, restriction: rules('DENY') },
  });
  expect(again.lostAt(({ seq }) => seq === 1).routes).toBeUndefined();
  again.recordRoutes({ ...rules('ANY_KEY'), held: [rules('DENY')] });
  again.commit(place(5));
  expect((await open(path)).lostAt(everything).routes?.restriction).toEqual(rules('DENY'));
});

it('writes what a disk rejected once it recovers, and keeps an unreadable file', async () => {
  const path = directory();
  const folder = join(path, 'revocations');
  // Neither can be read or written as a file.
  for (const name of ['one', 'one.new']) mkdirSync(join(folder, name), { recursive: true });
  const logged: string[] = [];
  const { file, lines } = await RestrictionFile.open(path, 'one', (message) => logged.push(message));
  vi.useFakeTimers({ toFake: ['performance'] });
  try {
    const memory = new RestrictionMemory(file, lines);
    memory.record(key(2, { revoked: true }), key(1));
    memory.commit(place(2));
    expect(logged).toHaveLength(1);
    rmSync(join(folder, 'one.new'), { recursive: true });
    vi.advanceTimersByTime(60_000);
    memory.commit(place(2));
    memory.record(keyRecord({ id: 'key_b', revoked: true, version: 3 }), undefined);
    memory.commit(place(3));
  } finally {
    vi.useRealTimers();
  }
  expect((await open(path)).lostAt(everything).keys.map(({ id }) => id)).toEqual(['key_a', 'key_b']);
  expect(readdirSync(folder).sort()).toEqual(['one', 'one.unread']);
});
