import type { Transaction } from '../../../core/transaction.js';
import type { Issuer } from '../../users/issuer.js';
import type { OpenLink } from '../../users/issued-links.js';
import type { PasswordLinkRow } from './password-link.table.js';

/** A link that was just consumed. */
export interface TakenLink {
  /** null: it was issued by a version that did not store the issuer. */
  readonly issuer: Issuer | null;
}

/** Stores password links: at most one per user. */
export interface PasswordLinkStore {
  /** Adds a link and invalidates any earlier link of the same user. */
  replace(tx: Transaction, row: PasswordLinkRow): Promise<void>;
  /** The id of the user of this link while it is valid. */
  ownerOf(tokenHash: Buffer, now: Date): Promise<string | null>;
  /** Consumes the link and returns its issuer; of two concurrent transactions, the second waits and gets null. */
  take(tx: Transaction, tokenHash: Buffer, now: Date): Promise<TakenLink | null>;
  noteMailed(tokenHash: Buffer): Promise<void>;
  remove(tx: Transaction, userId: string): Promise<void>;
  /** Valid links of several users, in the order of the ids. */
  openOf(userIds: readonly string[], now: Date): Promise<(OpenLink | null)[]>;
  prune(now: Date): Promise<void>;
}
