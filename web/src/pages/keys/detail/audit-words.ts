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

function show(value: unknown): string {
  if (value === null || value === undefined || value === '') return 'none';
  if (Array.isArray(value)) return value.length ? value.map(show).join(', ') : 'none';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The changes of an audit event, field by field. Takes `{field: {before, after}}` and `{before: {…}, after: {…}}`. */
export function changeLines(changes: unknown): ChangeLine[] {
  if (!isRecord(changes)) return [];
  const { before, after } = changes;
  if (isRecord(after) || isRecord(before)) {
    const old = isRecord(before) ? before : {};
    const next = isRecord(after) ? after : {};
    const fields = [...new Set([...Object.keys(old), ...Object.keys(next)])];
    return fields
      .filter((field) => show(old[field]) !== show(next[field]))
      .map((field) => ({ field, before: field in old ? show(old[field]) : null, after: show(next[field]) }));
  }
  return Object.entries(changes).map(([field, change]) => {
    if (!isRecord(change) || !('after' in change || 'before' in change)) {
      return { field, before: null, after: show(change) };
    }
    return {
      field,
      before: 'before' in change ? show(change['before']) : null,
      after: show(change['after']),
    };
  });
}
