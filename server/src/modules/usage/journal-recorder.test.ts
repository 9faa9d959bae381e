import { describe, expect, it } from 'vitest';
import { JournalRecorder } from './journal-recorder.js';
import { eventBytes } from './journal/event-codec.js';
import { MAX_BATCH_BYTES, type JournalEntry } from './journal/journal-writer.js';
import { RowBudget } from './row-budget.js';
import type { ReportedUse, RowDetails } from './usage-event.js';

const ID = '00000000-0000-4000-8000-000000000001';
const row = (path: string): RowDetails => ({
  id: 'req_1',
  maskedSecret: null,
  status: 200,
  method: 'GET',
  path,
  permission: null,
  scopeId: null,
  ip: null,
  userAgent: null,
  latencyMicroseconds: 3,
});
const use = (over: Partial<ReportedUse> = {}): ReportedUse => ({
  atMs: 1_800_000_000_000,
  environment: 'PRODUCTION',
  code: 'VALID',
  apiKeyId: 'key_1',
  usedPreviousSecret: false,
  sampled: { leftOut: 1_000_000 },
  count: 1,
  rows: [],
  ...over,
});

function report(uses: readonly ReportedUse[], rowsPerSecond = 1000): JournalEntry[] {
  let entries: readonly JournalEntry[] = [];
  const recorder = new JournalRecorder({
    journal: {
      append: () => undefined,
      appendUse: () => undefined,
      appendTogether: (given) => (entries = given),
      whenSafe: (callback) => callback(),
    },
    budget: new RowBudget(rowsPerSecond, { now: () => 0 }),
    hasRoomForRows: () => true,
  });
  recorder.report(ID, uses);
  return [...entries];
}

const sum = (entries: readonly JournalEntry[]): number =>
  entries.reduce((all, { event }) => all + event.reported!.count, 0);

describe('usage counted by a local verifier', () => {
  it('keeps its count whatever its rows, cleans the rows, and marks the start of a sending', () => {
    const at = { atMs: 1_800_000_000_500 };
    const secret = `kw_live_${'a'.repeat(50)}`;
    const entries = report([
      use({ count: 5, rows: [{ ...at, row: row(`/a?key=${secret}`) }] }),
      use({ count: 7 }),
    ]);
    expect(entries.map(({ event }) => [event.atMs, event.reported])).toEqual([
      [1_800_000_000_500, { batchId: ID, first: true, count: 1 }],
      [1_800_000_000_000, { batchId: ID, first: false, count: 4 }],
      [1_800_000_000_000, { batchId: ID, first: false, count: 7 }],
    ]);
    expect(entries[0]!.rowText).not.toContain(secret);
  });

  it('has no more rows than the budget, and no more bytes than fit one frame', () => {
    const rows = Array.from({ length: 900 }, () => ({ atMs: 1, row: row('\ud83d\ude00'.repeat(990)) }));
    const within = report([use({ count: 900, rows })], 10);
    expect(within.filter(({ rowText }) => rowText !== null)).toHaveLength(10);
    expect(sum(within)).toBe(900);
    const large = report([
      use({ count: 900, rows }),
      ...Array.from({ length: 4999 }, () => use({ rows: [] })),
    ]);
    expect(
      large.reduce((all, { event, rowText }) => all + eventBytes(event, rowText), 0),
    ).toBeLessThanOrEqual(MAX_BATCH_BYTES);
    expect(sum(large)).toBe(900 + 4999);
  });
});
