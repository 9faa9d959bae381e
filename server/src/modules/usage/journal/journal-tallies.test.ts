import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { JournalMark } from '../usage-writer.js';
import { JournalTallies } from './journal-tallies.js';
import { segmentPath } from './segments.js';

let directory: string;
const log = vi.fn<(message: string) => void>();
const open = (): Promise<JournalTallies> => JournalTallies.open(directory, log);
const segments = async (...numbers: number[]): Promise<void> => {
  for (const number of numbers) await writeFile(segmentPath(directory, number), '');
};
const mark = (
  segment: number,
  sequence: number,
  counted: number,
  countedBatches = sequence,
): JournalMark => ({
  at: { segment, offset: 10 },
  sequence,
  counted,
  countedBatches,
});

beforeEach(async () => {
  log.mockClear();
  directory = await mkdtemp(join(tmpdir(), 'keywright-tallies-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

describe('the tallies of a journal', () => {
  it('report no loss for a new journal, or for one from an older version', async () => {
    const tallies = await open();
    expect(await tallies.takeLoss(mark(0, 0, 0))).toBeNull();
    await segments(1);
    expect(await tallies.takeLoss(mark(0, 0, 0))).toBeNull();
    expect(await tallies.takeLoss(mark(1, 40, 0, 0))).toBeNull();
    expect(log).not.toHaveBeenCalled();
  });

  it('report once what was counted between the mark of a restored database and the first remaining segment', async () => {
    const before = await open();
    await before.record(1, mark(0, 0, 0));
    await before.record(7, mark(6, 90, 5000));
    await segments(7, 8);
    const tallies = await open();
    expect(await tallies.takeLoss(mark(7, 90, 5000))).toBeNull();
    expect(await tallies.takeLoss(mark(3, 50, 2000))).toEqual({ verifications: 3000, isMinimum: false });
    expect(await tallies.takeLoss(mark(3, 50, 2000))).toBeNull();
    expect(await (await open()).takeLoss(mark(3, 50, 2000))).toBeNull();
    // A database without this journal.
    expect(await tallies.takeLoss(mark(0, 0, 0))).toEqual({ verifications: 2000, isMinimum: false });
  });

  it('also report it if the removal of a segment was interrupted, or all segments are gone', async () => {
    const tallies = await open();
    await tallies.record(6, mark(5, 60, 3000));
    await tallies.record(7, mark(6, 90, 5000));
    await segments(6, 7);
    expect(await tallies.takeLoss(mark(6, 70, 3500))).toBeNull();
    expect(await tallies.takeLoss(mark(3, 50, 2000))).toEqual({ verifications: 1000, isMinimum: false });
    await tallies.record(7, mark(6, 80, 4000));
    for (const number of [6, 7]) await rm(segmentPath(directory, number));
    expect(await tallies.takeLoss(mark(3, 50, 2000))).toEqual({ verifications: 2000, isMinimum: false });
  });

  it.each([
    [
      'batches were written by a version that counts none',
      mark(2, 20, 100, 5),
      [7, mark(6, 90, 5000, 65)],
      4900,
    ],
    ['nothing was noted', mark(2, 20, 0, 0), null, 0],
    ['the database has another history', mark(2, 95, 9000), [7, mark(6, 90, 5000)], 0],
  ] as const)('report that more may be lost if %s', async (_, found, noted, verifications) => {
    const tallies = await open();
    if (noted) await tallies.record(noted[0], noted[1]);
    await segments(7);
    expect(await tallies.takeLoss(found)).toEqual({ verifications, isMinimum: true });
  });

  it('count as missing if their file is damaged, and log it', async () => {
    await writeFile(join(directory, 'tallies.json'), '[{"segment":');
    await segments(7);
    const tallies = await open();
    expect(await tallies.takeLoss(mark(2, 20, 100))).toEqual({ verifications: 0, isMinimum: true });
    expect(log).toHaveBeenCalledOnce();
  });
});
