import type { EntitySchema } from 'typeorm';
import { ApiKeyGrantTable, ApiKeyTable } from '../modules/keys/key.table.js';
import { AttemptTable } from '../modules/sessions/attempt.table.js';
import { UserIdentityTable } from '../modules/sessions/oidc/user-identity.table.js';
import { SessionTable } from '../modules/sessions/session.table.js';
import { UserGrantTable, UserTable } from '../modules/users/user.table.js';

/** Every mapped table; listed, never globbed. */
export const ENTITIES = [
  ApiKeyTable,
  ApiKeyGrantTable,
  AttemptTable,
  SessionTable,
  UserTable,
  UserGrantTable,
  UserIdentityTable,
] as unknown as readonly EntitySchema<never>[];
