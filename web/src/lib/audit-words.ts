import type { EventType } from '@keywright/schema/event-types';
import { describeQuota } from './quotas.js';
import { describeLimit } from './rate-limits.js';
import { ROOT_NAME } from './scopes.js';
import { formatExact } from './time.js';

const NOTHING = 'none';
const ROOT_SCOPE = /^scp_0+$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$/;

const REAPPLIED = 'reapplied a change that the restored database had lost';

/** What an actor did, by the type of the event; the object is known from the page. */
const WORDS: Readonly<Record<EventType, string>> = {
  'api_key.created': 'created the key',
  'api_key.duplicated': 'duplicated the key',
  'api_key.updated': 'changed the key',
  'api_key.enabled': 'enabled the key',
  'api_key.disabled': 'disabled the key',
  'api_key.locked': 'locked the key',
  'api_key.unlocked': 'unlocked the key',
  'api_key.regenerated': 'regenerated the secret',
  'api_key.overlap_ended': 'ended the overlap of the old secret',
  'api_key.revoked': 'revoked the key',
  'api_key.hold_applied': REAPPLIED,
  'api_key.hold_released': 'accepted the restored state of the key',
  'service_account.created': 'created the service account',
  'service_account.updated': 'changed the service account',
  'service_account.enabled': 'enabled the service account',
  'service_account.disabled': 'disabled the service account',
  'service_account.deleted': 'deleted the service account',
  'service_account.hold_applied': REAPPLIED,
  'service_account.hold_released': 'accepted the restored state of the service account',
  'role.created': 'created the role',
  'role.updated': 'changed the role',
  'role.deleted': 'deleted the role',
  'role.hold_applied': REAPPLIED,
  'role.hold_released': 'accepted the restored state of the role',
  'permission.created': 'added the permission',
  'permission.updated': 'changed the permission',
  'permission.deleted': 'deleted the permission',
  'scope.created': 'created it',
  'scope.updated': 'changed it',
  'scope.moved': 'moved it with everything below it',
  'scope.deleted': 'deleted it',
  'scope.api_enabled': 'turned the API on',
  'scope.api_disabled': 'turned the API off',
  'scope.hold_applied': REAPPLIED,
  'scope.hold_released': 'accepted its restored state',
  'route_rule.created': 'added the route rule',
  'route_rule.updated': 'changed the route rule',
  'route_rule.moved': 'moved the route rule',
  'route_rule.deleted': 'deleted the route rule',
  'route_rule.imported': 'imported route rules',
  'route_rule.hold_applied': 'restored the route rules that the database had lost',
  'route_rule.hold_released': 'accepted the restored route rules',
  'user.created': 'created the user',
  'user.invited': 'invited the user',
  'user.invitation_renewed': 'created a new link for the invitation',
  'user.invitation_revoked': 'revoked the invitation',
  'user.invitation_accepted': 'accepted an invitation',
  'user.invitation_declined': 'declined the invitation',
  'user.updated': 'changed the user',
  'user.enabled': 'enabled the user',
  'user.disabled': 'disabled the user',
  'user.identity_linked': 'signed in through the identity provider for the first time',
  'user.group_roles_changed': 'received roles from the groups of the identity provider',
  'user.password_link_created': 'created a link to choose a password',
  'user.password_changed': 'changed the password',
  'user.two_factor_enabled': 'turned the second factor on',
  'user.two_factor_disabled': 'turned the second factor off',
  'user.two_factor_reset': 'reset the second factor',
  'user.recovery_code_used': 'signed in with a recovery code',
  'user.recovery_codes_renewed': 'created new recovery codes',
  'user.sessions_ended': 'ended all sessions',
  'user.signed_in': 'signed in',
  'user.signed_out': 'signed out',
  'setting.updated': 'changed the settings',
  'setting.group_role_bound': 'bound a name in OIDC_GROUP_ROLES to the role',
  'audit_log.pruned': 'removed audit events past their retention',
};

const isEventType = (action: string): action is EventType => Object.hasOwn(WORDS, action);

/** Describes an action; an unknown action is shown in words. */
export const actionWords = (action: string): string =>
  isEventType(action) ? WORDS[action] : spoken(action.replaceAll(/[._]/g, ' ')).trim();

/** One changed field; `before` is null if it had no value. */
export interface ChangeLine {
  field: string;
  before: string | null;
  after: string;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The name of a scope; a deleted scope has no name. */
function showScope(scope: string, name: unknown): string {
  if (ROOT_SCOPE.test(scope)) return ROOT_NAME;
  return typeof name === 'string' ? name : `${scope} (deleted)`;
}

function showRecord(value: Record<string, unknown>): string {
  const { limit, windowSeconds, period, permissions, role, scope, scopeName } = value;
  if (typeof limit === 'number' && typeof windowSeconds === 'number') {
    return describeLimit({ name: '', limit, windowSeconds });
  }
  if (typeof limit === 'number' && (period === 'DAY' || period === 'MONTH')) {
    return describeQuota({ period, limit });
  }
  const where = typeof scope === 'string' ? showScope(scope, scopeName) : null;
  if (role || Array.isArray(permissions)) {
    const held = role ? `role ${show(role)}` : show(permissions);
    return where && where !== ROOT_NAME ? `${held} at ${where}` : held;
  }
  if (where) return where;
  return Object.keys(value).length ? JSON.stringify(value) : NOTHING;
}

function show(value: unknown): string {
  if (value === null || value === undefined || value === '') return NOTHING;
  if (Array.isArray(value)) return value.length ? value.map(show).join(', ') : NOTHING;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (isRecord(value)) return showRecord(value);
  return typeof value === 'string' && INSTANT.test(value) ? formatExact(value) : String(value);
}

/** The name of a field in words: `expiresAt` becomes `expires at`. */
function spoken(field: string): string {
  return field.replaceAll(/([A-Z])/g, ' $1').toLowerCase();
}

function line(field: string, before: unknown, after: unknown): ChangeLine | null {
  const [old, next] = [show(before), show(after)];
  return old === next ? null : { field: spoken(field), before: old === NOTHING ? null : old, after: next };
}

/** The changes of an audit event by field. Accepts `{field: {before, after}}` and `{before: {…}, after: {…}}`. */
export function changeLines(changes: unknown): ChangeLine[] {
  if (!isRecord(changes)) return [];
  const { before, after } = changes;
  const lines: (ChangeLine | null)[] = [];
  if (isRecord(after) || isRecord(before)) {
    const old = isRecord(before) ? before : {};
    const next = isRecord(after) ? after : {};
    for (const field of new Set([...Object.keys(old), ...Object.keys(next)])) {
      lines.push(line(field, old[field], next[field]));
    }
  } else {
    for (const [field, change] of Object.entries(changes)) {
      const pair = isRecord(change) && ('after' in change || 'before' in change);
      lines.push(pair ? line(field, change['before'], change['after']) : line(field, null, change));
    }
  }
  return lines.filter((entry) => entry !== null);
}
