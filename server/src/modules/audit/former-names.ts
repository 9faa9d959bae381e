import type { EventType } from '@keywright/schema/event-types';
import type { SubjectType } from '../events/domain-event.js';

/**
 * Actions of the audit log as earlier versions wrote them, each with the matching current events. Events stored under
 * the former name are shown as the first of them. Stored events are never rewritten because their hashes cover
 * the action, and an older process can still add some.
 */
const FORMER_ACTIONS: Readonly<Record<string, readonly [EventType, ...EventType[]]>> = {
  'apiKey.create': ['api_key.created'],
  'apiKey.duplicate': ['api_key.duplicated'],
  'apiKey.update': [
    'api_key.updated',
    'api_key.enabled',
    'api_key.disabled',
    'api_key.locked',
    'api_key.unlocked',
  ],
  'apiKey.enable': ['api_key.enabled'],
  'apiKey.disable': ['api_key.disabled'],
  'apiKey.lock': ['api_key.locked'],
  'apiKey.unlock': ['api_key.unlocked'],
  'apiKey.regenerate': ['api_key.regenerated'],
  'apiKey.endOverlap': ['api_key.overlap_ended'],
  'apiKey.revoke': ['api_key.revoked'],
  'apiKey.applyHold': ['api_key.hold_applied'],
  'apiKey.releaseHold': ['api_key.hold_released'],
  'serviceAccount.create': ['service_account.created'],
  'serviceAccount.update': ['service_account.updated', 'service_account.enabled', 'service_account.disabled'],
  'serviceAccount.delete': ['service_account.deleted'],
  'serviceAccount.applyHold': ['service_account.hold_applied'],
  'serviceAccount.releaseHold': ['service_account.hold_released'],
  'role.create': ['role.created'],
  'role.update': ['role.updated'],
  'role.delete': ['role.deleted'],
  'role.applyHold': ['role.hold_applied'],
  'role.releaseHold': ['role.hold_released'],
  'permission.create': ['permission.created'],
  'permission.update': ['permission.updated'],
  'permission.delete': ['permission.deleted'],
  'scope.create': ['scope.created'],
  'scope.update': ['scope.updated'],
  'scope.move': ['scope.moved'],
  'scope.delete': ['scope.deleted'],
  'scope.enableApi': ['scope.api_enabled'],
  'scope.disableApi': ['scope.api_disabled'],
  'scope.applyHold': ['scope.hold_applied'],
  'scope.releaseHold': ['scope.hold_released'],
  'routeRule.create': ['route_rule.created'],
  'routeRule.update': ['route_rule.updated'],
  'routeRule.move': ['route_rule.moved'],
  'routeRule.delete': ['route_rule.deleted'],
  'routeRule.import': ['route_rule.imported'],
  'routeRules.applyHold': ['route_rule.hold_applied'],
  'routeRules.releaseHold': ['route_rule.hold_released'],
  'user.create': ['user.created'],
  'user.invite': ['user.invited'],
  'user.inviteAgain': ['user.invitation_renewed'],
  'user.inviteRevoke': ['user.invitation_revoked'],
  'user.inviteAccept': ['user.invitation_accepted'],
  'user.inviteDecline': ['user.invitation_declined'],
  'user.update': ['user.updated', 'user.enabled', 'user.disabled'],
  'user.link': ['user.identity_linked'],
  'user.grants': ['user.group_roles_changed'],
  'user.passwordLinkIssue': ['user.password_link_created'],
  'user.passwordChange': ['user.password_changed'],
  'user.twoFactorEnable': ['user.two_factor_enabled'],
  'user.twoFactorDisable': ['user.two_factor_disabled'],
  'user.twoFactorReset': ['user.two_factor_reset'],
  'user.recoveryCodeUse': ['user.recovery_code_used'],
  'user.recoveryCodesRenew': ['user.recovery_codes_renewed'],
  'user.sessionsEnd': ['user.sessions_ended'],
  'session.create': ['user.signed_in'],
  'session.end': ['user.signed_out'],
  'settings.update': ['setting.updated'],
  'settings.groupRoleBind': ['setting.group_role_bound'],
  'auditLog.prune': ['audit_log.pruned'],
};

/** Former spellings of some kinds of objects. */
const FORMER_TARGET_TYPES: Readonly<Record<string, SubjectType>> = {
  session: 'Session',
  settings: 'Settings',
  user: 'User',
};

/** Own members only: `constructor` is no name. */
const memberOf = <T>(members: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(members, name) ? members[name] : undefined;

const keysOf = <T>(members: Readonly<Record<string, T>>, matches: (value: T) => boolean): string[] =>
  Object.keys(members).filter((name) => matches(members[name]!));

/** The type of a stored event; an action that is not known is returned unchanged. */
export const currentAction = (stored: string): string => memberOf(FORMER_ACTIONS, stored)?.[0] ?? stored;

/** Every action under which the events of a filter are stored; it names a current type or a former action. */
export const storedActions = (asked: string): string[] => [
  asked,
  ...(memberOf(FORMER_ACTIONS, asked) ?? []),
  ...keysOf(FORMER_ACTIONS, ([type]) => type === asked),
];

/** The current spelling of the kind of a stored event. */
export const currentTargetType = (stored: string): string => memberOf(FORMER_TARGET_TYPES, stored) ?? stored;

/** Every spelling under which events of a kind are stored. */
export function storedTargetTypes(asked: string): string[] {
  const current = currentTargetType(asked);
  return [current, ...keysOf(FORMER_TARGET_TYPES, (type) => type === current)];
}
