import { AccessResolver } from '../modules/access/access.resolver.js';
import { AuditResolver } from '../modules/audit/audit.resolver.js';
import { SessionResolver } from '../modules/sessions/session.resolver.js';
import { ViewerResolver } from '../modules/sessions/viewer.resolver.js';
import { UserResolver } from '../modules/users/user.resolver.js';

/** Every resolver class: what the schema is made of. */
export const RESOLVERS = [
  AccessResolver,
  AuditResolver,
  SessionResolver,
  UserResolver,
  ViewerResolver,
] as const;
