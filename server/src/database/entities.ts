import type { EntitySchema } from 'typeorm';
import { ApiKeyGrantTable, ApiKeyTable } from '../modules/keys/key.table.js';
import { AttemptTable } from '../modules/sign-in/passwords/attempt.table.js';
import { ChallengeTable } from '../modules/sign-in/second-factor/challenge.table.js';
import { UserIdentityTable } from '../modules/sign-in/oidc/user-identity.table.js';
import { SessionTable } from '../modules/sign-in/sessions/session.table.js';
import { RecoveryCodeTable, TwoFactorTable } from '../modules/sign-in/second-factor/two-factor.table.js';
import { PasswordLinkTable } from '../modules/sign-in/passwords/password-link.table.js';
import { UserGrantTable, UserTable } from '../modules/users/user.table.js';

/** Every mapped table; listed, never globbed. */
export const ENTITIES = [
  ApiKeyTable,
  ApiKeyGrantTable,
  AttemptTable,
  ChallengeTable,
  PasswordLinkTable,
  RecoveryCodeTable,
  SessionTable,
  TwoFactorTable,
  UserTable,
  UserGrantTable,
  UserIdentityTable,
] as unknown as readonly EntitySchema<never>[];
