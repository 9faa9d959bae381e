import type { DataSource } from 'typeorm';
import { managerOf } from '../../core/transaction.postgres.js';
import type { Transaction } from '../../core/transaction.js';
import type { Reach } from '../access/decide/access-set.js';
import type { Invitation } from './invitation.js';
import { foldEmail } from './user.js';

/** Maximum number of listed invitations. */
const MAX_LISTED = 1000;

const COLUMNS = `id, user_id as "userId", email, name, grants,
  json_build_object('kind', issuer_kind, 'id', issuer_id, 'name', issuer_name) as issuer,
  created_at as "createdAt", expires_at as "expiresAt", mailed`;

/** Stores invitations in PostgreSQL. */
export class InvitationStore {
  constructor(private readonly dataSource: DataSource) {}

  async add(tx: Transaction, invitation: Invitation, tokenHash: Buffer): Promise<void> {
    const { id, userId, email, name, grants, issuer, createdAt, expiresAt } = invitation;
    await managerOf(tx).query(
      `insert into invitation (id, user_id, email, email_folded, name, grants, token_hash, issuer_kind, issuer_id,
         issuer_name, created_at, expires_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
      [
        id,
        userId,
        email,
        foldEmail(email),
        name,
        JSON.stringify(grants),
        tokenHash,
        issuer.kind,
        issuer.id,
        issuer.name,
        createdAt,
        expiresAt,
      ],
    );
  }

  /** Replaces the link of an invitation. */
  async renew(tx: Transaction, { id, issuer, expiresAt }: Invitation, tokenHash: Buffer): Promise<void> {
    await managerOf(tx).query(
      `update invitation set token_hash = $2, issuer_kind = $3, issuer_id = $4, issuer_name = $5, expires_at = $6,
         mailed = false where id = $1`,
      [id, tokenHash, issuer.kind, issuer.id, issuer.name, expiresAt],
    );
  }

  async noteMailed(id: string): Promise<void> {
    await this.dataSource.query('update invitation set mailed = true where id = $1', [id]);
  }

  /** Pending invitations with a grant within the reach, newest first; at most 1,000. */
  list(reach: Reach, now: Date): Promise<Invitation[]> {
    return this.dataSource.query(
      `select ${COLUMNS} from invitation i where expires_at > $1 and ($2::text[] is null or exists (
         select from jsonb_array_elements(i.grants) g join scope s on s.id = g ->> 'scopeId' where s.path && $2))
       order by created_at desc, id desc limit ${MAX_LISTED}`,
      [now, reach === 'EVERYTHING' ? null : reach],
    );
  }

  /** A pending invitation, locked until the transaction ends. */
  async lock(tx: Transaction, id: string, now: Date): Promise<Invitation | null> {
    const rows: Invitation[] = await managerOf(tx).query(
      `select ${COLUMNS} from invitation where id = $1 and expires_at > $2 for update`,
      [id, now],
    );
    return rows[0] ?? null;
  }

  /** The pending invitation that belongs to a link. */
  async byToken(tokenHash: Buffer, now: Date): Promise<Invitation | null> {
    const rows: Invitation[] = await this.dataSource.query(
      `select ${COLUMNS} from invitation where token_hash = $1 and expires_at > $2`,
      [tokenHash, now],
    );
    return rows[0] ?? null;
  }

  /** Consumes the link; of two concurrent transactions, the second waits and gets null. */
  async take(tx: Transaction, tokenHash: Buffer, now: Date): Promise<Invitation | null> {
    const [rows]: [Invitation[], number] = await managerOf(tx).query(
      `delete from invitation where token_hash = $1 and expires_at > $2 returning ${COLUMNS}`,
      [tokenHash, now],
    );
    return rows[0] ?? null;
  }

  async remove(tx: Transaction, id: string): Promise<void> {
    await managerOf(tx).query('delete from invitation where id = $1', [id]);
  }

  /** Number of pending invitations of an issuer. */
  async countOf(tx: Transaction, issuerId: string, now: Date): Promise<number> {
    const [row] = (await managerOf(tx).query(
      'select count(*)::int as count from invitation where issuer_id = $1 and expires_at > $2',
      [issuerId, now],
    )) as [{ count: number }];
    return row.count;
  }

  /** Whether an invitation for this address is pending. */
  async isInvited(tx: Transaction, email: string, now: Date): Promise<boolean> {
    const rows: unknown[] = await managerOf(tx).query(
      'select 1 from invitation where email_folded = $1 and expires_at > $2 limit 1',
      [foldEmail(email), now],
    );
    return rows.length > 0;
  }

  async prune(now: Date): Promise<void> {
    await this.dataSource.query('delete from invitation where expires_at <= $1', [now]);
  }
}
