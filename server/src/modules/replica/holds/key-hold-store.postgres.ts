import type { DataSource } from 'typeorm';
import { managerOf } from '../../../core/transaction.postgres.js';
import type { Transaction } from '../../../core/transaction.js';
import type { Excess } from '../indexed-key.js';
import type { Restriction } from './restriction.js';

/** A key that is restricted to less than the database says. */
export interface KeyHold {
  readonly id: string;
  readonly apiKeyId: string;
  readonly apiKeyName: string;
  readonly reasons: Excess[];
  readonly host: string;
  readonly raisedAt: Date;
  readonly restriction: Restriction;
}

const SELECT = `
  select h.id, h.api_key_id as "apiKeyId", k.name as "apiKeyName", h.excess as reasons, h.host, h.raised_at as "raisedAt", h.restriction
  from key_hold h join api_key k on k.id = h.api_key_id where h.settled_at is null`;

/** The current secret as restrictions name it. */
const CURRENT_SECRET = `
  select case when kind = 'SIGNED' then 'v' || secret_version else public_part end as secret from api_key where id = $1`;

/** Stores holds of keys in PostgreSQL. */
export class KeyHoldStore {
  constructor(private readonly dataSource: DataSource) {}

  /** Unsettled holds, oldest first. */
  list(): Promise<KeyHold[]> {
    return this.dataSource.query(`${SELECT} order by h.raised_at, h.id limit 500`);
  }

  /** Returns an unsettled hold and locks its row until the transaction ends. */
  async lock(tx: Transaction, id: string): Promise<KeyHold | null> {
    await managerOf(tx).query('select 1 from key_hold where id = $1 for update', [id]);
    const rows: KeyHold[] = await managerOf(tx).query(`${SELECT} and h.id = $1`, [id]);
    return rows[0] ?? null;
  }

  async settle(tx: Transaction, id: string, settlement: 'APPLIED' | 'RELEASED'): Promise<void> {
    await managerOf(tx).query(
      `update key_hold set settled_at = now(), settlement = $2, settled_seq = (select seq from audit_head) where id = $1`,
      [id, settlement],
    );
  }

  /** The name of the current secret of a key, as restrictions name it. */
  async currentSecret(tx: Transaction, apiKeyId: string): Promise<string> {
    const [row] = (await managerOf(tx).query(CURRENT_SECRET, [apiKeyId])) as [{ secret: string }];
    return row.secret;
  }
}
