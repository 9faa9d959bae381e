import type { Subject } from '../events/domain-event.js';
import type { RouteRuleFields } from '../events/event-payloads.js';
import { differences, type Changed } from '../events/field-changes.js';
import { nameOfRule, type RouteRule } from './route-rule.js';

/** The setting for requests that match no rule, as the subject of an event. */
export const SETTINGS: Subject = { type: 'Settings', id: null, name: 'Settings' };

/** The fields as events report them; empty text counts as absent. */
const shown = (
  rule: RouteRule,
): { readonly [Field in keyof RouteRuleFields]: RouteRuleFields[Field] | null } => ({
  environments: rule.environments,
  method: rule.method,
  pathPattern: rule.pathPattern,
  access: rule.access,
  permission: rule.permission || null,
  scopeParameter: rule.scopeParameter || null,
  description: rule.description || null,
});

/** The differences between two states of a rule; null for a rule that does not exist. */
export const changesOf = (before: RouteRule | null, after: RouteRule | null): Changed<RouteRuleFields> =>
  differences(before && shown(before), after && shown(after)) as Changed<RouteRuleFields>;

/** A rule as the subject of an event. */
export const ruleSubject = (rule: RouteRule): Subject => ({
  type: 'RouteRule',
  id: rule.id,
  name: nameOfRule(rule),
});
