import type { DataSource, EntityManager } from 'typeorm';
import { MAX_KEY_ID, type CurrentKeyIds } from '../core/key-ring.js';
import { installationRow } from '../core/queries.js';

/** Short enough that every process knows of a rotation within a second. */
const READ_INTERVAL_MS = 500;

/** The current key ids according to the database. A stale id is harmless: secrets of any id can be read. */
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

  /** Reads the ids. Error: that of the failed query. */
  async refresh(): Promise<void> {
    const rows: CurrentKeyIds[] = await this.dataSource.query(
      'select pepper_id as "pepperId", encryption_key_id as "encryptionKeyId" from installation',
    );
    this.known = installationRow(rows);
  }

  /** Keeps reading the ids; while the database is down, the last ones stay in use. */
  follow(): void {
    this.timer = setInterval(() => {
      if (this.reading) return;
      this.reading = true;
      void this.refresh()
        .catch(() => undefined)
        .finally(() => (this.reading = false));
    }, READ_INTERVAL_MS);
    this.timer.unref();
  }

  /** Stops reading. */
  close(): void {
    clearInterval(this.timer);
  }
}

const COLUMNS = { pepperId: 'pepper_id', encryptionKeyId: 'encryption_key_id' } as const;

/** Puts the next id in use and returns it; undefined if none is left. Waits for a concurrent rotation. */
export async function advanceKeyId(
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
