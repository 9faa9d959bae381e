import { beforeEach, describe, expect, it } from 'vitest';
import { ChangeFeed } from './change-feed.js';
import type { Changes, ChangeSource, KeyLoader } from './change-source.js';
import type { DatabasePosition } from './database-history.js';
import { directoryOf } from '../access/decide/access.fixture.js';
import { RouteRuleSet } from '../route-rules/route-rule-set.js';
import type { KeyRecord } from './indexed-key.js';
import { keyRecord } from './indexed-key.fixture.js';
import { KeyIndex } from './key-index.js';
import { Replica } from './replica.js';

const record = (id: string, version = 1): KeyRecord =>
  keyRecord({ id, version, name: id, publicPart: `public of ${id}` });

/** A database of keys whose feed names the keys that the test changed. */
class TestDatabase implements ChangeSource, KeyLoader {
  keys = new Map<string, KeyRecord>();
  touched: string[] = [];
  position: DatabasePosition = {
    installationId: 'one',
    era: 'first',
    beat: null,
    audit: { seq: 1, hash: 'a' },
    auditKept: true,
    wentBack: false,
  };
  fails: Error | null = null;
  reads = 0;
  /** Resolves when the database answers. */
  answer: Promise<void> = Promise.resolve();
  loads = 0;
  failsToLoad: Error | null = null;

  set(...records: KeyRecord[]): void {
    for (const key of records) {
      this.keys.set(key.id, key);
      this.touched.push(key.id);
    }
  }

  async read(): Promise<Changes> {
    this.reads++;
    await this.answer;
    if (this.fails) throw this.fails;
    const { position } = this;
    const apiKeys = this.touched.splice(0);
    return {
      snapshot: `${this.reads + 9}:${this.reads + 9}:`,
      position,
      lagSeconds: apiKeys.length > 0 ? 0.5 : null,
      ids: { apiKeys, editedApiKeys: apiKeys, scopes: [], roles: [], serviceAccounts: [], routeRules: false },
    };
  }

  async prune(): Promise<void> {}

  async *loadAll(): AsyncGenerator<KeyRecord[]> {
    if (this.failsToLoad) throw this.failsToLoad;
    this.loads++;
    yield [...this.keys.values()];
  }

  load(ids: readonly string[]): Promise<KeyRecord[]> {
    return Promise.resolve(ids.flatMap((id) => this.keys.get(id) ?? []));
  }
}

function replicaOf(keys: KeyLoader, index: KeyIndex): Replica {
  const content = { scopes: [], roles: [], serviceAccounts: [] };
  const entries = { loadAll: () => Promise.resolve(content), load: () => Promise.resolve(content) };
  const routeRules = { load: () => Promise.resolve({ rules: [], noMatch: 'DENY' as const }) };
  const routes = new RouteRuleSet();
  return new Replica({ index, directory: directoryOf(), keys, entries, routes, routeRules });
}

let nowMs = 0;
let database: TestDatabase;
let index: KeyIndex;
let feed: ChangeFeed;
let lines: string[];
let alarms: string[];

/** Advances the clocks while the process runs. */
function pass(milliseconds: number): void {
  for (let left = milliseconds; left > 0; left -= 1000) {
    nowMs += Math.min(left, 1000);
    void feed.fresh;
  }
}

beforeEach(async () => {
  nowMs = 1_000_000;
  database = new TestDatabase();
  index = new KeyIndex(directoryOf());
  lines = [];
  alarms = [];
  feed = new ChangeFeed({
    source: database,
    replica: replicaOf(database, index),
    clock: { now: () => nowMs },
    wallClock: { now: () => nowMs },
    maxStalenessSeconds: 300,
    log: (line) => lines.push(line),
    alarm: (line) => alarms.push(line),
  });
  database.set(record('key_a'));
  await feed.catchUp();
});

describe('a process that was paused', () => {
  it('decides nothing until it has polled again', async () => {
    nowMs += 2500;
    expect(feed.fresh).toBe(false);
    expect(feed.settled()).not.toBeNull();
    await feed.settled();
    expect(feed.fresh).toBe(true);
    expect(feed.settled()).toBeNull();
  });

  it('ignores a poll from before the pause', async () => {
    let answer = (): void => undefined;
    database.answer = new Promise((resolve) => (answer = resolve));
    const before = feed.catchUp();
    await new Promise((resolve) => setImmediate(resolve));
    nowMs += 10_000;
    expect(feed.fresh).toBe(false);
    const { reads } = database;
    answer();
    database.answer = new Promise((resolve) => (answer = resolve));
    await before;
    await new Promise((resolve) => setImmediate(resolve));
    expect(database.reads).toBe(reads + 1);
    expect(feed.fresh).toBe(false);
    answer();
    await feed.settled();
    expect(feed.fresh).toBe(true);
  });

  it('falls back to the age of its state when the database stays silent', async () => {
    database.fails = new Error('away');
    nowMs += 10_000;
    await feed.settled();
    expect(feed.fresh).toBe(false);
    pass(3500);
    await feed.settled();
    expect(feed.fresh).toBe(true);
  });
});

describe('the change feed', () => {
  it('loads everything first, then only changes, and emits them', async () => {
    const seen: string[] = [];
    feed.applied.on((ids) => seen.push(...(ids === 'ALL' ? [ids] : ids.apiKeys)));
    database.set(record('key_a', 2), record('key_b'));
    await feed.catchUp();
    expect(seen).toEqual(['key_a', 'key_b']);
    expect(index.get('key_a')?.record.version).toBe(2);
    expect(database.loads).toBe(1);
  });

  it('removes keys that no longer exist', async () => {
    database.keys.delete('key_a');
    database.touched.push('key_a');
    await feed.catchUp();
    expect(index.get('key_a')).toBeUndefined();
  });

  it('shares one poll among all waiters, but never one that started earlier', async () => {
    const before = database.reads;
    const first = feed.catchUp();
    await Promise.resolve();
    await Promise.resolve();
    database.set(record('key_late'));
    await Promise.all([feed.catchUp(), feed.catchUp(), first]);
    expect(index.get('key_late')).toBeDefined();
    expect(database.reads - before).toBeLessThanOrEqual(2);
  });

  it.each<[string, Partial<DatabasePosition>]>([
    ['belongs to another installation', { installationId: 'two' }],
    ['is in another era', { era: 'second' }],
    ['has fewer transactions', { wentBack: true }],
    ['lacks what was in its audit log', { auditKept: false }],
    ['lacks a heartbeat', { beat: 6 }],
    ['lacks every heartbeat', { beat: null }],
  ])('reloads everything when the database %s, and raises the alarm once', async (_, change) => {
    const seen: unknown[] = [];
    database.position = { ...database.position, beat: 7 };
    await feed.catchUp();
    feed.history.noteBeat(7, 'first');
    feed.applied.on((ids) => seen.push(ids));
    await feed.catchUp();
    database.position = { ...database.position, ...change };
    database.failsToLoad = new Error('away');
    await expect(feed.catchUp()).rejects.toThrow('away');
    database.failsToLoad = null;
    await feed.catchUp();
    expect(database.loads).toBe(2);
    expect(seen).toEqual(['ALL']);
    expect(alarms).toHaveLength(1);
    expect(feed.figures.databaseChanges).toBe(1);
    database.position = { ...database.position, auditKept: true, wentBack: false };
    await feed.catchUp();
    expect([database.loads, alarms.length]).toEqual([2, 1]);
  });

  it('does not mistake a heartbeat committed after the query for a lost one', async () => {
    database.position = { ...database.position, beat: 7 };
    await feed.catchUp();
    let answer = (): void => undefined;
    database.answer = new Promise((resolve) => (answer = resolve));
    const poll = feed.catchUp();
    await new Promise((resolve) => setImmediate(resolve));
    feed.history.noteBeat(8, 'first');
    feed.history.noteBeat(90, 'of another server');
    answer();
    await poll;
    database.position = { ...database.position, beat: 8 };
    await feed.catchUp();
    expect(alarms).toEqual([]);
  });

  it('raises no alarm for a heartbeat that others removed after a long silence', async () => {
    feed.history.noteBeat(7, 'first');
    pass(13 * 60 * 60_000);
    await feed.catchUp();
    expect(alarms).toEqual([]);
  });

  it('reloads everything when the cursor is too old', async () => {
    pass(51 * 60_000);
    await feed.catchUp();
    expect([database.loads, alarms.length]).toEqual([2, 0]);
  });

  it('tells once that it reads changes again', async () => {
    let recoveries = 0;
    feed.recovered.on(() => recoveries++);
    await feed.catchUp();
    for (let outage = 1; outage <= 2; outage++) {
      database.fails = new Error('away');
      for (let i = 0; i < 2; i++) await expect(feed.catchUp()).rejects.toThrow('away');
      expect(recoveries).toBe(outage - 1);
      database.fails = null;
      for (let i = 0; i < 2; i++) await feed.catchUp();
      expect(recoveries).toBe(outage);
    }
  });

  it('keeps verifying known keys while the database is unreachable, up to the bound', async () => {
    database.fails = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
    pass(200_000);
    await expect(feed.catchUp()).rejects.toThrow('refused');
    expect(feed.fresh).toBe(true);
    pass(101_000);
    await expect(feed.catchUp()).rejects.toThrow('refused');
    expect(() => feed.requireFresh()).toThrow('cannot be verified');
    expect(lines).toHaveLength(1);
    database.fails = null;
    await feed.catchUp();
    expect(feed.fresh).toBe(true);
    expect(lines).toHaveLength(2);
  });

  describe.each(['28P01', '53300', '3D000', '57P03'])('while no session can be opened (%s)', (code) => {
    beforeEach(async () => {
      database.fails = Object.assign(new Error('refused'), { code });
      pass(1000);
      await expect(feed.catchUp()).rejects.toThrow('refused');
    });
    const wait = async (ms: number): Promise<void> => {
      for (let at = 0; at < ms; at += 1000) {
        pass(1000);
        feed.noteAnswer();
        await expect(feed.catchUp()).rejects.toThrow('refused');
      }
    };

    it('keeps verifying known keys up to the bound, whatever an older session answers', async () => {
      await wait(298_000);
      expect(feed.fresh).toBe(true);
      await wait(2000);
      expect(feed.fresh).toBe(false);
    });

    it('rejects after 5 s when such a session is notified of a change', async () => {
      feed.noteChange();
      await wait(3000);
      expect(feed.fresh).toBe(true);
      await wait(2000);
      expect(feed.fresh).toBe(false);
      database.fails = null;
      await feed.catchUp();
      expect(feed.fresh).toBe(true);
    });
  });

  it('keeps known keys verifying up to the bound when the database goes down right after it reported a change', async () => {
    database.fails = Object.assign(new Error('refused'), { code: '57P01' });
    pass(1000);
    feed.noteChange();
    await expect(feed.catchUp()).rejects.toThrow('refused');
    pass(290_000);
    expect(feed.fresh).toBe(true);
  });

  it('rejects after 5 s when there is another database, whose keys cannot be read', async () => {
    database.position = { ...database.position, era: 'second' };
    database.failsToLoad = Object.assign(new Error('refused'), { code: '53300' });
    for (let i = 0; i < 6; i++) {
      pass(1000);
      await expect(feed.catchUp()).rejects.toThrow('refused');
    }
    expect(feed.fresh).toBe(false);
  });

  it('rejects after 5 s when the database answers but its feed cannot be read', async () => {
    database.fails = Object.assign(new Error('no such table'), { code: '42P01' });
    pass(5001);
    await expect(feed.catchUp()).rejects.toThrow('no such table');
    expect(feed.fresh).toBe(false);
  });

  it('decides nothing before the first load', () => {
    const replica = replicaOf(database, index);
    const deps = {
      source: database,
      replica,
      clock: { now: () => nowMs },
      wallClock: { now: () => nowMs },
      log: () => {},
      alarm: () => {},
    };
    expect(new ChangeFeed({ ...deps, maxStalenessSeconds: 300 }).fresh).toBe(false);
  });
});
