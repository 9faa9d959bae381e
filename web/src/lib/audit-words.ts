import { describeLimit } from './rate-limits.js';

const NOTHING = 'none';

const WORDS: Record<string, string> = {
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
  extend: 'moved the expiry',
  extended: 'moved the expiry',
  revoke: 'revoked the key',
  revoked: 'revoked the key',
  overlap_ended: 'ended the overlap of the old secret',
  end_overlap: 'ended the overlap of the old secret',
};

/** What was done, in words; an action that is not known is shown as it stands. */
export function actionWords(action: string): string {
  const verb = action.split('.').at(-1)?.replaceAll('-', '_').toLowerCase() ?? action;
  return WORDS[verb] ?? action.replaceAll(/[._]/g, ' ');
}

/** One field that was changed; `before` is null when there was nothing before. */
export interface ChangeLine {
  field: string;
  before: string | null;
  after: string;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function showRecord(value: Record<string, unknown>): string {
  const { limit, windowSeconds, permissions, role } = value;
  if (typeof limit === 'number' && typeof windowSeconds === 'number') {
    return describeLimit({ name: '', limit, windowSeconds });
  }
  if (Array.isArray(permissions)) return role ? `role ${show(role)}` : show(permissions);
  return Object.keys(value).length ? JSON.stringify(value) : NOTHING;
}

function show(value: unknown): string {
  if (value === null || value === undefined || value === '') return NOTHING;
  if (Array.isArray(value)) return value.length ? value.map(show).join(', ') : NOTHING;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return isRecord(value) ? showRecord(value) : String(value);
}

/** The name of a field as people say it: `expiresAt` becomes `expires at`. */
const spoken = (field: string) => field.replaceAll(/([A-Z])/g, ' $1').toLowerCase();

function line(field: string, before: unknown, after: unknown): ChangeLine | null {
  const [old, next] = [show(before), show(after)];
  return old === next ? null : { field: spoken(field), before: old === NOTHING ? null : old, after: next };
}

/** The changes of an audit event, field by field. Takes `{field: {before, after}}` and `{before: {…}, after: {…}}`. */
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
