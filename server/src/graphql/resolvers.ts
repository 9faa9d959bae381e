import { AuditEventResolver, AuditResolver } from '../modules/audit/audit.resolver.js';
import { KeyAccessResolver } from '../modules/keys/key-access.resolver.js';
import { KeyBulkResolver } from '../modules/keys/key-bulk.resolver.js';
import { KeyChangeResolver, KeyHistoryResolver } from '../modules/keys/key-history.resolver.js';
import { KeyMutationResolver } from '../modules/keys/key-mutation.resolver.js';
import { KeyConnectionResolver, KeyResolver } from '../modules/keys/key.resolver.js';
import {
  KeyServiceAccountResolver,
  ServiceAccountKeysResolver,
} from '../modules/keys/service-account-keys.resolver.js';
import { ViewerKeyResolver } from '../modules/keys/viewer-key.resolver.js';
import { LicenseResolver } from '../modules/license/license.resolver.js';
import {
  KeyRequestLogResolver,
  RequestLogConnectionResolver,
  RequestLogResolver,
} from '../modules/request-logs/request-log.resolver.js';
import { PermissionResolver, RoleResolver } from '../modules/roles/role.resolver.js';
import { ServiceAccountQueryResolver } from '../modules/service-accounts/service-account-query.resolver.js';
import {
  GrantOriginResolver,
  ServiceAccountConnectionResolver,
  ServiceAccountResolver,
} from '../modules/service-accounts/service-account.resolver.js';
import { OpenApiImportResolver } from '../modules/route-rules/openapi/openapi-import.resolver.js';
import { RouteRuleResolver } from '../modules/route-rules/route-rule.resolver.js';
import { GroupRoleResolver } from '../modules/sessions/oidc/group-role.resolver.js';
import { OwnSessionsResolver } from '../modules/sessions/own-sessions.resolver.js';
import { PasswordResolver } from '../modules/sessions/password.resolver.js';
import { SessionResolver } from '../modules/sessions/session.resolver.js';
import { SettingsResolver } from '../modules/sessions/settings.resolver.js';
import { TwoFactorResolver } from '../modules/sessions/two-factor.resolver.js';
import { ViewerResolver } from '../modules/sessions/viewer.resolver.js';
import { ScopeTreeResolver } from '../modules/tenants/scope-query.resolver.js';
import { ScopeConnectionResolver, ScopeResolver } from '../modules/tenants/scope.resolver.js';
import { KeysOfUserResolver } from '../modules/keys/keys-of-user.resolver.js';
import { KeyUsageResolver } from '../modules/usage/key-usage.resolver.js';
import { UsageResolver } from '../modules/usage/usage.resolver.js';
import { InvitationResolver } from '../modules/users/invitation.resolver.js';
import { PasswordLinkResolver } from '../modules/users/password-link.resolver.js';
import { UserAdminResolver } from '../modules/users/user-admin.resolver.js';
import { UserResolver } from '../modules/users/user.resolver.js';
import { ExplainSignatureResolver } from '../modules/verification/explain-signature.resolver.js';
import { AccessHoldResolver } from '../modules/verification/access-hold.resolver.js';
import { KeyHeldResolver } from '../modules/verification/key-held.resolver.js';
import { KeyHoldResolver } from '../modules/verification/key-hold.resolver.js';
import { NodeStatusResolver } from '../modules/verification/node-status.resolver.js';
import { VerifyResolver } from '../modules/verification/verify.resolver.js';
import { NodeResolver } from './node.resolver.js';

/** Every resolver class: what the schema is made of. */
export const RESOLVERS = [
  AuditEventResolver,
  AuditResolver,
  ExplainSignatureResolver,
  GrantOriginResolver,
  GroupRoleResolver,
  InvitationResolver,
  KeyAccessResolver,
  KeyBulkResolver,
  KeyChangeResolver,
  KeyConnectionResolver,
  KeyHistoryResolver,
  KeyMutationResolver,
  KeyRequestLogResolver,
  KeyResolver,
  KeyServiceAccountResolver,
  KeysOfUserResolver,
  KeyUsageResolver,
  LicenseResolver,
  NodeResolver,
  AccessHoldResolver,
  KeyHeldResolver,
  KeyHoldResolver,
  NodeStatusResolver,
  OpenApiImportResolver,
  OwnSessionsResolver,
  PasswordLinkResolver,
  PasswordResolver,
  PermissionResolver,
  RequestLogConnectionResolver,
  RequestLogResolver,
  RoleResolver,
  RouteRuleResolver,
  ScopeConnectionResolver,
  ScopeResolver,
  ScopeTreeResolver,
  ServiceAccountConnectionResolver,
  ServiceAccountKeysResolver,
  ServiceAccountQueryResolver,
  ServiceAccountResolver,
  SessionResolver,
  SettingsResolver,
  TwoFactorResolver,
  UsageResolver,
  UserAdminResolver,
  UserResolver,
  VerifyResolver,
  ViewerKeyResolver,
  ViewerResolver,
] as const;
