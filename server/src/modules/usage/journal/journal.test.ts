import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { JournalCounters, type Position } from './counters.js';
import type { JournalEvent } from './event-codec.js';
import { JournalReader } from './journal-reader.js';
import { JournalWriter } from './journal-writer.js';
import { listSegments, segmentPath } from './segments.js';

let directory: string;
let counters: JournalCounters;
const START: Position = { segment: 0, offset: 0 };

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'keywright-journal-'));
  counters = new JournalCounters();
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const event = (n: number, over: Partial<JournalEvent> = {}): JournalEvent => ({
  atMs: 1_800_000_000_000 + n,
  apiKeyId: n % 3 === 0 ? '' : `key_${String(n).padStart(26, '0')}`,
  touch: n % 7 === 0,
  environment: 'STAGING',
  code: n % 2 === 0 ? 'VALID' : 'RATE_LIMITED',
  usedPreviousSecret: n % 5 === 0,
  units: n,
  row: null,
  ...over,
});

const writer = (over: Partial<ConstructorParameters<typeof JournalWriter>[0]> = {}): JournalWriter =>
  new JournalWriter({
    directory,
    firstSegment: 1,
    counters,
    clock: { now: () => performance.now() },
    onUnwritten: () => undefined,
    log: () => undefined,
    ...over,
  });

const append = (to: JournalWriter, events: readonly JournalEvent[]): void => {
  for (const { row, ...rest } of events) to.append(rest, row && JSON.stringify(row));
};
const safe = (of: JournalWriter): Promise<void> => new Promise((resolve) => of.whenSafe(resolve));

async function readAll(
  from = START,
  maxBytes = Infinity,
): Promise<{ events: JournalEvent[]; end: Position; lostBytes: number; bytes: number }> {
  const reader = new JournalReader(directory, async () => undefined);
  const events: JournalEvent[] = [];
  const sum = { end: from, bytes: 0, lostBytes: 0 };
  for (;;) {
    const { end, bytes, lostBytes } = await reader.read(sum.end, counters.written, maxBytes, (read) =>
      events.push(read),
    );
    sum.end = end;
    sum.bytes += bytes;
    sum.lostBytes += lostBytes;
    if (bytes === 0 || maxBytes < Infinity) break;
  }
  await reader.close();
  return { events, ...sum };
}

describe('the usage journal', () => {
  it('answers one group after another, even if each answer triggers the next request', async () => {
    const journal = writer();
    let depth = 0;
    let deepest = 0;
    let left = 2000;
    const ask = (done: () => void): void => {
      if (left-- <= 0) return done();
      append(journal, [event(left)]);
      depth++;
      deepest = Math.max(deepest, depth);
      journal.whenSafe(() => ask(done));
      depth--;
    };
    await Promise.all(Array.from({ length: 40 }, () => new Promise<void>(ask)));
    expect(deepest).toBeLessThanOrEqual(2);
    journal.close();
    expect((await readAll()).events).toHaveLength(2000);
  });

  it('returns reported uses and returned units together in one frame', async () => {
    const journal = writer();
    const batchId = '01234567-89ab-4def-8123-456789abcdef';
    const row = { path: `/é/${'x'.repeat(500)}` } as unknown as NonNullable<JournalEvent['row']>;
    const reported = Array.from({ length: 1000 }, (_, n) => ({
      ...event(n, { row: n % 2 === 0 ? row : null, touch: false, units: 0 }),
      reported: { batchId, first: n === 0, count: n + 1 },
    }));
    const before = Array.from({ length: 3000 }, (_, n) => event(n, { units: 1 - n }));
    append(journal, before);
    journal.appendTogether(
      reported.map(({ row, ...rest }) => ({ event: rest, rowText: row && JSON.stringify(row) })),
    );
    await safe(journal);
    journal.close();
    expect((await readAll()).events).toEqual([...before, ...reported]);
    // Even if read in chunks, they come together.
    const reader = new JournalReader(directory, async () => undefined);
    for (let at = START; at.offset < counters.written.offset;) {
      const seen: JournalEvent[] = [];
      at = (await reader.read(at, counters.written, 1, (read) => seen.push(read))).end;
      expect([0, reported.length]).toContain(seen.filter((each) => each.reported).length);
    }
    await reader.close();
  });

  it('returns what was appended, in order, across segments, with rows of any text', async () => {
    const row = {
      id: 'req_1',
      maskedSecret: 'kw_live_…abcd',
      status: 200,
      method: 'GET',
      path: '/é/漢字?x=1',
      permission: null,
      scopeId: null,
      ip: null,
      userAgent: '😀',
      latencyMicroseconds: 7,
    };
    const events = Array.from({ length: 3000 }, (_, n) => event(n, n % 10 === 0 ? { row } : {}));
    const journal = writer({ segmentBytes: 20_000 });
    for (let n = 0; n < events.length; n += 100) {
      append(journal, events.slice(n, n + 100));
      await safe(journal);
    }
    journal.close();
    expect((await listSegments(directory)).length).toBeGreaterThan(3);
    const { events: read, lostBytes, bytes } = await readAll();
    expect(read).toEqual(events);
    expect(lostBytes).toBe(0);
    expect(bytes).toBe(counters.backlogBytes);
  });

  it('can be read in pieces, each starting where the previous one ended', async () => {
    const events = Array.from({ length: 500 }, (_, n) => event(n));
    const journal = writer({ segmentBytes: 5000 });
    for (const one of events) {
      append(journal, [one]);
      await safe(journal);
    }
    const read: JournalEvent[] = [];
    let at = START;
    for (let turns = 0; read.length < events.length && turns < 1000; turns++) {
      const piece = await readAll(at, 300);
      read.push(...piece.events);
      at = piece.end;
    }
    expect(read).toEqual(events);
    expect(at).toEqual(counters.written);
    journal.close();
  });

  it('writes everything appended in one turn together', async () => {
    const journal = writer();
    append(journal, [event(1), event(2), event(4)]);
    expect(counters.written).toEqual(START);
    await safe(journal);
    const { offset } = counters.written;
    await safe(journal);
    expect(counters.written.offset).toBe(offset);
    journal.close();
  });

  it('skips a torn tail, counts it, and continues in the next segment', async () => {
    const first = writer();
    append(first, [event(1), event(2)]);
    await safe(first);
    append(first, [event(4)]);
    first.close();
    const [segment] = await listSegments(directory);
    await truncate(segmentPath(directory, 1), segment!.bytes - 5);
    const second = writer({ firstSegment: 2 });
    append(second, [event(5)]);
    second.close();
    const { events, lostBytes } = await readAll();
    expect(events).toEqual([event(1), event(2), event(5)]);
    expect(lostBytes).toBeGreaterThan(0);
  });

  it('gives up only the rest of a segment that is damaged in the middle', async () => {
    const journal = writer({ segmentBytes: 100 });
    for (const n of [1, 2, 4]) {
      append(journal, [event(n)]);
      await safe(journal);
    }
    journal.close();
    await writeFile(segmentPath(directory, 1), Buffer.alloc(300, 0xff), { flag: 'r+' });
    const { events } = await readAll();
    expect(events).toEqual([event(2), event(4)]);
  });

  it('passes on what cannot be written, and writes again when it can', async () => {
    const unwritten: number[] = [];
    let now = 0;
    await rm(directory, { recursive: true });
    await writeFile(directory, 'no directory');
    const journal = writer({ onUnwritten: (_, n) => unwritten.push(n), clock: { now: () => now } });
    append(journal, [event(1), event(2)]);
    await safe(journal);
    expect(unwritten).toEqual([2]);
    expect(journal.broken).toBe(true);
    await rm(directory);
    append(journal, [event(4)]);
    await safe(journal);
    expect(unwritten).toEqual([2, 1]);
    now = 1000;
    append(journal, [event(5)]);
    await safe(journal);
    expect(journal.broken).toBe(false);
    journal.close();
    expect((await readAll()).events).toEqual([event(5)]);
  });
});
