import { EntitySchema } from 'typeorm';
import type { ActorKind } from '../../access/decide/actor.js';
import type { PasswordLinkKind } from './password-link.js';

/** A row of `password_link`: the only open link of a user. */
export interface PasswordLinkRow {
  readonly userId: string;
  readonly tokenHash: Buffer;
  readonly kind: PasswordLinkKind;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly mailed: boolean;
  /** null: the link was issued by a version that did not store the issuer. */
  readonly issuerKind: ActorKind | null;
  readonly issuerId: string | null;
}

/** Password links, by the hash of their token. */
export const PasswordLinkTable = new EntitySchema<PasswordLinkRow>({
  name: 'PasswordLink',
  tableName: 'password_link',
  columns: {
    userId: { type: 'text', name: 'user_id', primary: true, collation: 'C' },
    tokenHash: { type: 'bytea', name: 'token_hash', select: false },
    kind: { type: 'text' },
    createdAt: { type: 'timestamptz', name: 'created_at' },
    expiresAt: { type: 'timestamptz', name: 'expires_at' },
    mailed: { type: 'boolean', default: false },
    issuerKind: { type: 'text', name: 'issuer_kind', nullable: true },
    issuerId: { type: 'text', name: 'issuer_id', nullable: true, collation: 'C' },
  },
  indices: [
    { name: 'password_link_token_unique', columns: ['tokenHash'], unique: true },
    { name: 'password_link_by_expiry', columns: ['expiresAt'] },
  ],
});
