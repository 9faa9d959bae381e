import type { DataSource, EntityManager } from 'typeorm';
import { MAX_KEY_ID, type CurrentKeyIds } from '../core/key-ring.js';
import { installationRow } from '../core/queries.js';

/** Often enough for a rotation to be known within a second. */
const READ_EVERY_MS = 500;

/** The ids of the keys in use, as the database names them. A stale one does no harm: what was made with any id can be read. */
export class InstallationKeyIds implements CurrentKeyIds {
  private known: CurrentKeyIds = { pepperId: 1, encryptionKeyId: 1 };
  private reading = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly dataSource: DataSource) {}

  get pepperId(): number {
    return this.known.pepperId;
  }

  get encryptionKeyId(): number {
    return this.known.encryptionKeyId;
  }

  /** Reads them. Error: whatever kept them from being read. */
  async refresh(): Promise<void> {
    const rows: CurrentKeyIds[] = await this.dataSource.query(
      'select pepper_id as "pepperId", encryption_key_id as "encryptionKeyId" from installation',
    );
    this.known = installationRow(rows);
  }

  /** Goes on reading them; while the database is away, the last ones count. */
  follow(): void {
    this.timer = setInterval(() => {
      if (this.reading) return;
      this.reading = true;
      void this.refresh()
        .catch(() => undefined)
        .finally(() => (this.reading = false));
    }, READ_EVERY_MS);
    this.timer.unref();
  }

  /** Ends that. */
  close(): void {
    clearInterval(this.timer);
  }
}

const COLUMNS = { pepperId: 'pepper_id', encryptionKeyId: 'encryption_key_id' } as const;

/** Puts the next id in use, and returns it; undefined when there is none left. Waits for another who does the same. */
export async function raiseKeyId(
  manager: EntityManager,
  which: keyof CurrentKeyIds,
): Promise<number | undefined> {
  const column = COLUMNS[which];
  const [rows] = (await manager.query(
    `update installation set ${column} = ${column} + 1 where ${column} < $1 returning ${column} as id`,
    [MAX_KEY_ID],
  )) as [{ id: number }[], number];
  return rows[0]?.id;
}
