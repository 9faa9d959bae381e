import type { Database } from '../../../core/queries.js';
import type { DatabaseMemory } from '../change-feed.js';
import type { DatabasePosition } from '../database-history.js';
import { KeyHolds, type RaisedHold } from './key-holds.postgres.js';
import { RestrictionFile } from './restriction-file.js';
import { RestrictionMemory, type Place } from './restriction-memory.js';

/** Maximum number of keys that an alarm names. */
const MAX_NAMED = 20;

export interface KeyMemoryDeps {
  readonly dataDir: string;
  readonly installationId: string;
  /** Name of this machine. */
  readonly host: string;
  readonly database: Database;
  readonly log: (message: string, error?: unknown) => void;
}

/** What a data directory remembers of an installation's keys, and the holds that result. */
export class KeyMemory implements DatabaseMemory {
  private constructor(
    readonly installationId: string,
    readonly notes: RestrictionMemory,
    private readonly file: RestrictionFile,
    private readonly holds: KeyHolds,
  ) {}

  /**
   * Reads what earlier processes recorded. A file that cannot be read or written is logged and does not prevent the
   * start.
   */
  static async open({ dataDir, installationId, host, database, log }: KeyMemoryDeps): Promise<KeyMemory> {
    const { file, lines } = await RestrictionFile.open(dataDir, installationId, log);
    const notes = new RestrictionMemory(file, lines);
    return new KeyMemory(installationId, notes, file, new KeyHolds(database, notes, installationId, host));
  }

  get reached(): Place | null {
    return this.notes.reached;
  }

  async uphold(position: DatabasePosition): Promise<string | null> {
    const raised = await this.holds.raise(position);
    return raised.length === 0 ? null : alarmOf(raised);
  }

  commit(place: Place): void {
    this.notes.commit(place);
  }

  /** Stops writing. */
  close(): void {
    this.file.close();
  }
}

function alarmOf(raised: readonly RaisedHold[]): string {
  const named = raised
    .slice(0, MAX_NAMED)
    .map(({ name, excess }) => `${JSON.stringify(name)} (${excess.join(', ')})`);
  const more = raised.length > MAX_NAMED ? ` and ${raised.length - MAX_NAMED} more` : '';
  return `The database lost changes that restricted keys, the sources of their access, or route rules. The restrictions stay in force: ${named.join(', ')}${more}. Resolve them on the Processes page.`;
}
