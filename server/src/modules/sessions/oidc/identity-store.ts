import type { EntityManager } from 'typeorm';
import type { User } from '../../users/user.js';

/** A role at a scope, as groups of the identity provider bring it. */
export interface ExternalGrant {
  readonly roleId: string;
  readonly roleName: string;
  readonly scopeId: string;
  readonly scopeName: string;
  /** Whether it is everything, everywhere. */
  readonly isOwner: boolean;
}

/** What a new user is made from whom the provider vouches for. */
export interface ExternalProfile {
  readonly email: string;
  readonly name: string;
}

/** Whom an identity of a provider means here, and what its groups bring. All of it within the transaction of a sign-in. */
export interface IdentityStore {
  /** Lets one sign-in of an identity at a time go on, until the transaction ends. */
  lock(manager: EntityManager, issuer: string, subject: string): Promise<void>;
  /** The user of an identity, locked until the transaction ends. */
  findByIdentity(manager: EntityManager, issuer: string, subject: string): Promise<User | null>;
  /** The user of an address, locked until the transaction ends. */
  findByEmail(manager: EntityManager, email: string): Promise<User | null>;
  /** Whether the user is known to this issuer, as whomever. */
  isLinked(manager: EntityManager, userId: string, issuer: string): Promise<boolean>;
  link(
    manager: EntityManager,
    identity: { readonly issuer: string; readonly subject: string },
    userId: string,
    now: Date,
  ): Promise<void>;
  /** From now on this user signs in through the provider only: password, links, sessions and unfinished sign-ins end. */
  takeOver(manager: EntityManager, userId: string): Promise<User>;
  /** Adds an enabled user without a password. */
  add(manager: EntityManager, profile: ExternalProfile, now: Date): Promise<User>;
  /** The grants of these roles and scopes, as far as both exist. */
  grantsFor(
    manager: EntityManager,
    wanted: readonly { readonly roleId: string; readonly scopeId: string }[],
  ): Promise<ExternalGrant[]>;
  /** What groups brought the user so far. */
  externalGrants(manager: EntityManager, userId: string): Promise<ExternalGrant[]>;
  /** Puts these in the place of what groups brought so far; grants given here stay. */
  replaceExternalGrants(
    manager: EntityManager,
    userId: string,
    grants: readonly ExternalGrant[],
  ): Promise<void>;
}
