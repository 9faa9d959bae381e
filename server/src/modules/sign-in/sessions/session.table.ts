import { EntitySchema } from 'typeorm';
import type { SignInMethod } from './session.js';

/** A row of `session`. */
export interface SessionRow {
  readonly id: string;
  readonly tokenHash: Buffer;
  readonly userId: string;
  readonly createdAt: Date;
  readonly lastSeenAt: Date;
  readonly expiresAt: Date;
  readonly ip: string | null;
  readonly userAgent: string | null;
  readonly method: SignInMethod;
}

/** Sessions, by the hash of their token. */
export const SessionTable = new EntitySchema<SessionRow>({
  name: 'Session',
  tableName: 'session',
  columns: {
    id: { type: 'text', primary: true, collation: 'C' },
    tokenHash: { type: 'bytea', name: 'token_hash', select: false },
    userId: { type: 'text', name: 'user_id', collation: 'C' },
    createdAt: { type: 'timestamptz', name: 'created_at' },
    lastSeenAt: { type: 'timestamptz', name: 'last_seen_at' },
    expiresAt: { type: 'timestamptz', name: 'expires_at' },
    ip: { type: 'text', nullable: true },
    userAgent: { type: 'text', name: 'user_agent', nullable: true },
    method: { type: 'text', default: 'PASSWORD' },
  },
  indices: [
    { name: 'session_token_unique', columns: ['tokenHash'], unique: true },
    { name: 'session_user', columns: ['userId'] },
    { name: 'session_expiry', columns: ['expiresAt'] },
  ],
});
