import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JournalMark, JournalTally } from '../usage-writer.js';
import { listSegments } from './segments.js';

/** The last segment that is left and those before it, should their removal fail. */
const MAX_TALLIES = 8;

/** What had been brought to the database when a segment began. */
interface SegmentTally extends JournalTally {
  readonly segment: number;
}

/** Verifications that neither the database nor the journal has any more. */
export interface LostUsage {
  readonly verifications: number;
  /** Whether more may be lost, which nobody counted. */
  readonly isMinimum: boolean;
}

const UNKNOWN: LostUsage = { verifications: 0, isMinimum: true };

const isWhole = (value: unknown): boolean => Number.isSafeInteger(value);
const isTally = (line: SegmentTally): boolean =>
  [line.segment, line.sequence, line.counted, line.countedBatches].every(isWhole);

/**
 * What was counted before each segment that may be the first one left, kept beside them: when the mark of a restored database
 * names a segment that is gone, the difference is what was lost.
 */
export class JournalTallies {
  private tallies: SegmentTally[] = [];

  private constructor(
    private readonly directory: string,
    private readonly log: (message: string, error?: unknown) => void,
  ) {}

  /** Reads the file beside the segments; one that cannot be read is like none. */
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
        log('What was counted of removed journal segments could not be read.', error);
      }
    }
    return opened;
  }

  /**
   * What lies between a mark of the database and the first segment that is left; null: nothing is missing. Said once: what
   * follows is counted from this mark on.
   */
  async takeLoss(mark: JournalMark): Promise<LostUsage | null> {
    const [first] = await listSegments(this.directory);
    const loss = this.lossBetween(mark, first?.number ?? Infinity);
    if (loss) await this.note(first?.number ?? Math.max(mark.at.segment, this.tallies.at(-1)!.segment), mark);
    return loss;
  }

  private lossBetween(mark: JournalMark, first: number): LostUsage | null {
    if (mark.at.segment >= first) return null;
    const tally = this.tallies.findLast(({ segment }) => segment <= first);
    if (tally === undefined) {
      // A journal begins with its first segment, or was begun by an older version.
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

  /** Notes what had been counted when a segment began; later segments are of a history that is no more. */
  async note(segment: number, { sequence, counted, countedBatches }: JournalTally): Promise<void> {
    const earlier = this.tallies.filter((tally) => tally.segment < segment);
    this.tallies = [...earlier, { segment, sequence, counted, countedBatches }].slice(-MAX_TALLIES);
    try {
      const beside = `${this.path}.new`;
      await writeFile(beside, JSON.stringify(this.tallies), { mode: 0o600 });
      await rename(beside, this.path);
    } catch (error) {
      this.log('What was counted of removed journal segments could not be noted.', error);
    }
  }
}
