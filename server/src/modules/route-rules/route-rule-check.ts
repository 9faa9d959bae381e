import { MAX_SHORT_DESCRIPTION } from '@keywright/schema/bounds';
import type { FieldError } from '../../core/errors.js';
import { faultOfDescription } from '../../core/description.js';
import { faultOfPermission } from '../access/decide/grant.js';
import { ENVIRONMENTS, type Environment } from '@keywright/schema/environment';
import { formatPathPattern, parametersOf, readPathPattern } from './path-pattern.js';
import { asksForKey, type RouteAccess, type RouteMethod, type RouteRule } from './route-rule.js';

/** The members of a rule, as given by a caller. */
export interface RouteRuleMembers {
  readonly environments: readonly Environment[];
  readonly method: RouteMethod;
  readonly pathPattern: string;
  readonly access: RouteAccess;
  readonly permission?: string | null | undefined;
  readonly scopeParameter?: string | null | undefined;
  readonly description?: string | null | undefined;
}

function faultOfRulePermission(
  permission: string | null,
  access: RouteAccess,
  known: ReadonlySet<string>,
): string | null {
  if (access !== 'PERMISSION') {
    return permission === null ? null : 'Only a rule that requires a permission can name one.';
  }
  if (permission === null) return 'Choose the permission that the rule requires.';
  if (permission.endsWith('*')) return 'A rule requires one permission, not a wildcard.';
  return faultOfPermission(permission, known) ?? null;
}

/** The rule in its stored form; adds errors to the list. */
export function checkRouteRule(
  id: string,
  members: RouteRuleMembers,
  known: ReadonlySet<string>,
  faults: FieldError[],
): RouteRule {
  const { method, access } = members;
  const fault = (path: keyof RouteRuleMembers, message: string | null): void => {
    if (message !== null) faults.push({ path, message });
  };
  const environments = ENVIRONMENTS.filter((each) => members.environments.includes(each));
  if (environments.length === 0) fault('environments', 'Choose at least one environment.');
  const read = readPathPattern(members.pathPattern.trim());
  if ('refused' in read) fault('pathPattern', read.refused);
  const permission = members.permission?.trim() || null;
  fault('permission', faultOfRulePermission(permission, access, known));
  const scopeParameter = members.scopeParameter?.trim().replace(/^\{(.*)\}$/, '$1') || null;
  if (scopeParameter !== null && !asksForKey(access)) {
    fault('scopeParameter', 'A rule that requires no key cannot have a scope.');
  } else if (
    scopeParameter !== null &&
    !('refused' in read) &&
    !parametersOf(read).includes(scopeParameter)
  ) {
    fault('scopeParameter', 'The path has no parameter of this name.');
  }
  const description = members.description?.trim() ?? '';
  const described = faultOfDescription(description, MAX_SHORT_DESCRIPTION);
  if (described !== undefined) fault('description', described);
  const pathPattern = 'refused' in read ? members.pathPattern : formatPathPattern(read);
  return { id, environments, method, pathPattern, access, permission, scopeParameter, description };
}
