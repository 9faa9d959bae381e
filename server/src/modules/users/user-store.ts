import type { Transaction } from '../../core/transaction.js';
import type { ExpectedVersion } from '../../core/expected-version.js';
import type { StoredGrant } from '../access/decide/directory.js';
import type { NewUser, Preferences, User } from './user.js';

/** A user with the data that a sign-in is checked against. */
export interface UserCredentials {
  readonly user: User;
  /** null: this user has no password. */
  readonly passwordHash: string | null;
}

/** Stores users. Methods that get a manager take part in its transaction. */
export interface UserStore {
  find(id: string, tx?: Transaction): Promise<User | null>;
  findCredentials(email: string): Promise<UserCredentials | null>;
  credentialsOf(id: string): Promise<UserCredentials | null>;
  /** The current state of the user; sign-ins and changes of this user wait until the transaction ends. */
  lock(tx: Transaction, id: string): Promise<UserCredentials | null>;
  exists(tx?: Transaction): Promise<boolean>;
  /** Adds an enabled user with one role at the root scope. Error: NAME_TAKEN. */
  add(tx: Transaction, user: NewUser, roleId: string, now: Date): Promise<User>;
  setPassword(tx: Transaction, id: string, passwordHash: string): Promise<void>;
  rename(tx: Transaction, id: string, name: string): Promise<void>;
  noteSignIn(tx: Transaction, id: string, now: Date): Promise<void>;
  /** Error: CONFLICT if the version of the preferences is not the expected one. */
  savePreferences(id: string, preferences: Preferences, expected?: ExpectedVersion): Promise<void>;
  /** Grants of several users, in the order of the ids. */
  grantsOf(ids: readonly string[], tx?: Transaction): Promise<StoredGrant[][]>;
}
