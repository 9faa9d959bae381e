import type { Noted } from '../audit/change-runner.js';
import type { Json } from '../scalars/json.js';
import { nameOfRule, type RouteRule } from './route-rule.js';

/** What the audit log records about the setting for requests that match no rule. */
export const SETTING: Omit<Noted, 'changes'> = {
  action: 'settings.update',
  targetType: 'Settings',
  targetId: null,
  targetName: 'Settings',
  scopeIds: [],
};

const MEMBERS = [
  'environments',
  'method',
  'pathPattern',
  'access',
  'permission',
  'scopeParameter',
  'description',
] as const;

/** The differences between two states of a rule; null for a rule that does not exist. */
export function changesOf(before: RouteRule | null, after: RouteRule | null): Record<string, Json> {
  const valueOf = (rule: RouteRule | null, member: (typeof MEMBERS)[number]): Json => {
    const value = rule?.[member] ?? null;
    return typeof value === 'string' || value === null ? value || null : [...value];
  };
  return Object.fromEntries(
    MEMBERS.map(
      (member) => [member, { before: valueOf(before, member), after: valueOf(after, member) }] as const,
    ).filter(([, change]) => JSON.stringify(change.before) !== JSON.stringify(change.after)),
  );
}

/** What the audit log records about one rule. */
export const noted = (action: string, rule: RouteRule, changes: Noted['changes']): Noted => ({
  action,
  targetType: 'RouteRule',
  targetId: rule.id,
  targetName: nameOfRule(rule),
  scopeIds: [],
  changes,
});
