import type { DataSource, EntityManager } from 'typeorm';
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

/** Unsettled holds, oldest first. */
export const listKeyHolds = (dataSource: Pick<DataSource, 'query'>): Promise<KeyHold[]> =>
  dataSource.query(`${SELECT} order by h.raised_at, h.id limit 500`);

/** Returns an unsettled hold and locks its row until the transaction ends. */
export async function lockKeyHold(manager: EntityManager, id: string): Promise<KeyHold | null> {
  await manager.query('select 1 from key_hold where id = $1 for update', [id]);
  const rows: KeyHold[] = await manager.query(`${SELECT} and h.id = $1`, [id]);
  return rows[0] ?? null;
}

export async function settleKeyHold(
  manager: EntityManager,
  id: string,
  settlement: 'APPLIED' | 'RELEASED',
): Promise<void> {
  await manager.query(
    `update key_hold set settled_at = now(), settlement = $2, settled_seq = (select seq from audit_head) where id = $1`,
    [id, settlement],
  );
}
