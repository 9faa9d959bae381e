import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JournalMark, JournalTally } from '../usage-writer.js';
import { listSegments } from './segments.js';

/** The last remaining segment and those before it, in case their removal fails. */
const MAX_TALLIES = 8;

/** What had been written to the database when a segment started. */
interface SegmentTally extends JournalTally {
  readonly segment: number;
}

/** Verifications that are in neither the database nor the journal any more. */
export interface LostUsage {
  readonly verifications: number;
  /** Whether more may be lost than were counted. */
  readonly isMinimum: boolean;
}

const UNKNOWN: LostUsage = { verifications: 0, isMinimum: true };

const isWhole = (value: unknown): boolean => Number.isSafeInteger(value);
const isTally = (line: SegmentTally): boolean =>
  [line.segment, line.sequence, line.counted, line.countedBatches].every(isWhole);

/**
 * Counts before each segment that may be the first remaining one, stored next to the segments: if the mark of a
 * restored database names a removed segment, the difference is what was lost.
 */
export class JournalTallies {
  private tallies: SegmentTally[] = [];

  private constructor(
    private readonly directory: string,
    private readonly log: (message: string, error?: unknown) => void,
  ) {}

  /** Reads the file next to the segments; an unreadable file counts as none. */
  static async open(
    directory: string,
    log: (message: string, error?: unknown) => void,
  ): Promise<JournalTallies> {
    const opened = new JournalTallies(directory, log);
    try {
      const lines = JSON.parse(await readFile(opened.path, 'utf8')) as SegmentTally[];
      opened.tallies = lines.filter(isTally);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
        log('The totals of removed journal segments could not be read.', error);
      }
    }
    return opened;
  }

  /**
   * What lies between a mark of the database and the first remaining segment; null if nothing is missing. Reported
   * once: later counts start from this mark.
   */
  async takeLoss(mark: JournalMark): Promise<LostUsage | null> {
    const [first] = await listSegments(this.directory);
    const loss = this.lossBetween(mark, first?.number ?? Infinity);
    if (loss)
      await this.record(first?.number ?? Math.max(mark.at.segment, this.tallies.at(-1)!.segment), mark);
    return loss;
  }

  private lossBetween(mark: JournalMark, first: number): LostUsage | null {
    if (mark.at.segment >= first) return null;
    const tally = this.tallies.findLast(({ segment }) => segment <= first);
    if (tally === undefined) {
      // A journal starts with its first segment, or an older version started it.
      return first > Math.max(mark.at.segment, 1) && first < Infinity ? UNKNOWN : null;
    }
    const batches = tally.sequence - mark.sequence;
    if (batches > 0) {
      const isMinimum = tally.countedBatches - mark.countedBatches !== batches;
      return { verifications: Math.max(0, tally.counted - mark.counted), isMinimum };
    }
    const same = batches === 0 && tally.counted === mark.counted;
    return same || mark.at.segment >= tally.segment ? null : UNKNOWN;
  }

  private get path(): string {
    return join(this.directory, 'tallies.json');
  }

  /** Records what had been counted when a segment started; later segments belong to a discarded history. */
  async record(segment: number, { sequence, counted, countedBatches }: JournalTally): Promise<void> {
    const earlier = this.tallies.filter((tally) => tally.segment < segment);
    this.tallies = [...earlier, { segment, sequence, counted, countedBatches }].slice(-MAX_TALLIES);
    try {
      const temporary = `${this.path}.new`;
      await writeFile(temporary, JSON.stringify(this.tallies), { mode: 0o600 });
      await rename(temporary, this.path);
    } catch (error) {
      this.log('The totals of removed journal segments could not be written.', error);
    }
  }
}
