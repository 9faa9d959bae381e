import type { EntityManager } from 'typeorm';
import type { Grant } from '../access/grant.js';
import type { NewUser, Preferences, User } from './user.js';

/** A user with what a sign-in is checked against. */
export interface UserCredentials {
  readonly user: User;
  /** null: this user has no password. */
  readonly passwordHash: string | null;
}

/** Where users are kept. A manager given takes part in its transaction. */
export interface UserStore {
  find(id: string): Promise<User | null>;
  findCredentials(email: string): Promise<UserCredentials | null>;
  exists(manager?: EntityManager): Promise<boolean>;
  /** Adds an enabled user with one role at the root scope. */
  add(manager: EntityManager, user: NewUser, roleId: string, now: Date): Promise<User>;
  noteSignIn(manager: EntityManager, id: string, now: Date): Promise<void>;
  savePreferences(id: string, preferences: Preferences): Promise<void>;
  /** Grants of several users at once, in the order of the ids. */
  grantsOf(ids: readonly string[]): Promise<Grant[][]>;
}
