import { describeQuota } from './quotas.js';
import { describeLimit } from './rate-limits.js';
import { ROOT_NAME } from './scopes.js';
import { formatExact } from './time.js';

const NOTHING = 'none';
const REAPPLIED = 'reapplied a change that the restored database had lost';
const ROOT_SCOPE = /^scp_0+$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$/;

/** Verbs for actions on keys; older events use the past tense. */
const KEY_WORDS: Record<string, string> = {
  create: 'created the key',
  created: 'created the key',
  update: 'changed the key',
  updated: 'changed the key',
  enable: 'enabled the key',
  enabled: 'enabled the key',
  disable: 'disabled the key',
  disabled: 'disabled the key',
  lock: 'locked the key',
  locked: 'locked the key',
  unlock: 'unlocked the key',
  unlocked: 'unlocked the key',
  regenerate: 'regenerated the secret',
  regenerated: 'regenerated the secret',
  duplicate: 'duplicated the key',
  duplicated: 'duplicated the key',
  extend: 'changed the expiry',
  extended: 'changed the expiry',
  revoke: 'revoked the key',
  revoked: 'revoked the key',
  overlap_ended: 'ended the overlap of the old secret',
  end_overlap: 'ended the overlap of the old secret',
  endoverlap: 'ended the overlap of the old secret',
  applyhold: REAPPLIED,
  releasehold: 'accepted the restored state of the key',
};

/** Descriptions of all other actions, by full action name. */
const WORDS: Record<string, string> = {
  'user.create': 'created the user',
  'user.invite': 'invited the user',
  'user.inviteAgain': 'created a new link for the invitation',
  'user.inviteRevoke': 'revoked the invitation',
  'user.inviteAccept': 'accepted an invitation',
  'user.inviteDecline': 'declined the invitation',
  'user.update': 'changed the user',
  'user.enable': 'enabled the user',
  'user.disable': 'disabled the user',
  'user.grants': 'received roles from the groups of the identity provider',
  'user.link': 'signed in through the identity provider for the first time',
  'user.passwordLinkIssue': 'created a link to choose a password',
  'user.passwordResetRequest': 'requested a link to choose a password',
  'user.passwordChange': 'changed the password',
  'user.passwordChoose': 'chose a password',
  'user.twoFactorEnable': 'turned the second factor on',
  'user.twoFactorDisable': 'turned the second factor off',
  'user.twoFactorReset': 'reset the second factor',
  'user.recoveryCodeUse': 'signed in with a recovery code',
  'user.recoveryCodesRenew': 'created new recovery codes',
  'user.sessionsEnd': 'ended all sessions',
  'session.create': 'signed in',
  'session.end': 'signed out',
  'settings.update': 'changed the settings',
  'auditLog.prune': 'removed audit events past their retention',
  'role.create': 'created the role',
  'role.update': 'changed the role',
  'role.delete': 'deleted the role',
  'role.applyHold': REAPPLIED,
  'routeRules.applyHold': 'restored the route rules that the database had lost',
  'routeRules.releaseHold': 'accepted the restored route rules',
  'role.releaseHold': 'accepted the restored state of the role',
  'permission.create': 'added the permission',
  'permission.update': 'changed the permission',
  'permission.delete': 'deleted the permission',
  'routeRule.create': 'added the route rule',
  'routeRule.update': 'changed the route rule',
  'routeRule.move': 'moved the route rule',
  'routeRule.delete': 'deleted the route rule',
  'routeRule.import': 'imported route rules from',
  'scope.create': 'created it',
  'scope.update': 'changed it',
  'scope.move': 'moved it with everything below it',
  'scope.delete': 'deleted it',
  'scope.enableApi': 'turned the API on',
  'scope.disableApi': 'turned the API off',
  'scope.applyHold': REAPPLIED,
  'scope.releaseHold': 'accepted its restored state',
  'serviceAccount.create': 'created the service account',
  'serviceAccount.update': 'changed the service account',
  'serviceAccount.delete': 'deleted the service account',
  'serviceAccount.applyHold': REAPPLIED,
  'serviceAccount.releaseHold': 'accepted the restored state of the service account',
};

/** Describes an action; an unknown action is shown unchanged. */
export function actionWords(action: string): string {
  const [noun = '', verb = action] = action.split('.');
  const ofKey = /^api_?key$/i.test(noun) ? KEY_WORDS[verb.replaceAll('-', '_').toLowerCase()] : undefined;
  return WORDS[action] ?? ofKey ?? spoken(action.replaceAll(/[._]/g, ' ')).trim();
}

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
