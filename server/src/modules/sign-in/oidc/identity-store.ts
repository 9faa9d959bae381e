import type { Transaction } from '../../../core/transaction.js';
import type { User } from '../../users/user.js';

/** A role at a scope, assigned by groups of the identity provider. */
export interface ExternalGrant {
  readonly roleId: string;
  readonly roleName: string;
  readonly scopeId: string;
  readonly scopeName: string;
  /** Whether it grants everything, everywhere. */
  readonly isOwner: boolean;
}

/** Input for creating a user whom the provider vouches for. */
export interface ExternalProfile {
  readonly email: string;
  readonly name: string;
}

/**
 * Maps identities of a provider to users, and stores the grants from groups. Used within the transaction of a sign-in.
 */
export interface IdentityStore {
  /** Serializes sign-ins of an identity until the transaction ends. */
  lock(tx: Transaction, issuer: string, subject: string): Promise<void>;
  /** The user of an identity, locked until the transaction ends. */
  findByIdentity(tx: Transaction, issuer: string, subject: string): Promise<User | null>;
  /** The user with an address, locked until the transaction ends. */
  findByEmail(tx: Transaction, email: string): Promise<User | null>;
  /** Whether the user is linked to any identity of this issuer. */
  isLinked(tx: Transaction, userId: string, issuer: string): Promise<boolean>;
  link(
    tx: Transaction,
    identity: { readonly issuer: string; readonly subject: string },
    userId: string,
    now: Date,
  ): Promise<void>;
  /**
   * Restricts this user to sign-in through the provider: deletes the password, links, sessions and unfinished sign-ins.
   */
  takeOver(tx: Transaction, userId: string): Promise<User>;
  /** Adds an enabled user without a password. */
  add(tx: Transaction, profile: ExternalProfile, now: Date): Promise<User>;
  /** The grants of these roles and scopes, where both exist. */
  grantsFor(
    tx: Transaction,
    wanted: readonly { readonly roleId: string; readonly scopeId: string }[],
  ): Promise<ExternalGrant[]>;
  /** The user's current grants from groups. */
  externalGrants(tx: Transaction, userId: string): Promise<ExternalGrant[]>;
  /** Replaces the user's grants from groups; local grants stay. */
  replaceExternalGrants(tx: Transaction, userId: string, grants: readonly ExternalGrant[]): Promise<void>;
}
