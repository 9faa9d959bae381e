import type { DataSource } from 'typeorm';
import type { AttemptCount, AttemptStore } from './attempts.js';
import { AttemptTable } from './attempt.table.js';

/** Stores guess counters in PostgreSQL. */
export class PostgresAttemptStore implements AttemptStore {
  constructor(private readonly dataSource: DataSource) {}

  async add(subject: string, now: Date, windowEndsAt: Date): Promise<AttemptCount> {
    const rows: AttemptCount[] = await this.dataSource.query(
      `insert into attempt as a (subject, failures, window_ends_at) values ($1, 1, $3)
       on conflict (subject) do update set
         failures = case when a.window_ends_at > $2 then least(a.failures + 1, 1000000) else 1 end,
         window_ends_at = case when a.window_ends_at > $2 then a.window_ends_at else $3 end
       returning failures, window_ends_at as "windowEndsAt"`,
      [subject, now, windowEndsAt],
    );
    return rows[0]!;
  }

  async takeBack(subject: string): Promise<void> {
    await this.dataSource.query(
      'update attempt set failures = failures - 1 where subject = $1 and failures > 0',
      [subject],
    );
  }

  async forget(subject: string): Promise<void> {
    await this.dataSource.manager.delete(AttemptTable, { subject });
  }

  async forgetAll(subject: string): Promise<void> {
    await this.dataSource.query(
      `delete from attempt where subject = $1 or (subject > $1 || ' ' and subject < $1 || '!')`,
      [subject],
    );
  }

  async prune(now: Date): Promise<void> {
    await this.dataSource.query('delete from attempt where window_ends_at <= $1', [now]);
  }
}
