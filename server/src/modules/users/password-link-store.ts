import type { EntityManager } from 'typeorm';
import type { Issuer } from './issuer.js';
import type { OpenLink } from './password-link.js';
import type { PasswordLinkRow } from './password-link.table.js';

/** A link that was just used up. */
export interface TakenLink {
  /** null: it was issued by a version that did not keep its issuer. */
  readonly issuer: Issuer | null;
}

/** Where links to choose a password are kept: at most one a user. */
export interface PasswordLinkStore {
  /** Adds a link; an earlier one of the same user stops working. */
  replace(manager: EntityManager, row: PasswordLinkRow): Promise<void>;
  /** Whose link this is, while it works. */
  ownerOf(tokenHash: Buffer, now: Date): Promise<string | null>;
  /** Consumes the link and says who issued it; of two transactions at once, the second waits and gets null. */
  take(manager: EntityManager, tokenHash: Buffer, now: Date): Promise<TakenLink | null>;
  noteMailed(tokenHash: Buffer): Promise<void>;
  remove(manager: EntityManager, userId: string): Promise<void>;
  /** Links that work, of several users at once, in the order of the ids. */
  openOf(userIds: readonly string[], now: Date): Promise<(OpenLink | null)[]>;
  prune(now: Date): Promise<void>;
}
