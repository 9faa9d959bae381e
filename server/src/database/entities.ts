import type { EntitySchema } from 'typeorm';
import { ApiKeyGrantTable, ApiKeyTable } from '../modules/keys/key.table.js';
import { AttemptTable } from '../modules/sessions/attempt.table.js';
import { ChallengeTable } from '../modules/sessions/challenge.table.js';
import { UserIdentityTable } from '../modules/sessions/oidc/user-identity.table.js';
import { SessionTable } from '../modules/sessions/session.table.js';
import { RecoveryCodeTable, TwoFactorTable } from '../modules/sessions/two-factor.table.js';
import { PasswordLinkTable } from '../modules/users/password-link.table.js';
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
