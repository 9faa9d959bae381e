import { EntitySchema } from 'typeorm';
import type { User } from './user.js';

/** A row of `app_user`. */
export interface UserRow extends User {
  readonly emailFolded: string;
  /** null: this user has no password. */
  readonly passwordHash: string | null;
}

/** Users, by folded e-mail address. */
export const UserTable = new EntitySchema<UserRow>({
  name: 'User',
  tableName: 'app_user',
  columns: {
    id: { type: 'text', primary: true, collation: 'C' },
    email: { type: 'text' },
    emailFolded: { type: 'text', name: 'email_folded' },
    name: { type: 'text' },
    passwordHash: { type: 'text', name: 'password_hash', nullable: true, select: false },
    // Derived from the hash by the database, so that callers need not read the hash.
    hasPassword: { type: 'boolean', name: 'has_password', insert: false, update: false },
    enabled: { type: 'boolean', default: true },
    external: { type: 'boolean', default: false },
    preferences: { type: 'jsonb', default: {} },
    // Incremented by the database on every write.
    version: { type: 'integer', name: 'edit_version', insert: false, update: false },
    preferencesVersion: { type: 'integer', name: 'preferences_version', insert: false, update: false },
    createdAt: { type: 'timestamptz', name: 'created_at', default: () => 'now()' },
    lastSignInAt: { type: 'timestamptz', name: 'last_sign_in_at', nullable: true },
  },
  indices: [{ name: 'app_user_email_unique', columns: ['emailFolded'], unique: true }],
});

/** A row of `user_grant`: permissions or a role that a user holds at a scope. */
export interface UserGrantRow {
  readonly userId: string;
  readonly position: number;
  readonly scopeId: string;
  readonly roleId: string | null;
  readonly permissions: readonly string[];
  /** LOCAL: granted in Keywright. OIDC: from groups of the identity provider, replaced at each sign-in. */
  readonly source: 'LOCAL' | 'OIDC';
}

/** Grants of users. */
export const UserGrantTable = new EntitySchema<UserGrantRow>({
  name: 'UserGrant',
  tableName: 'user_grant',
  columns: {
    userId: { type: 'text', name: 'user_id', primary: true, collation: 'C' },
    position: { type: 'integer', primary: true },
    scopeId: { type: 'text', name: 'scope_id', collation: 'C' },
    roleId: { type: 'text', name: 'role_id', nullable: true, collation: 'C' },
    permissions: { type: 'text', array: true, default: '{}' },
    source: { type: 'text', default: 'LOCAL' },
  },
});
