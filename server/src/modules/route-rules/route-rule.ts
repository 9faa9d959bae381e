import type { Environment } from '@keywright/schema/environment';

/** The methods that a rule can name; ANY matches every method, including those not listed. */
export const ROUTE_METHODS = [
  'ANY',
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'TRACE',
] as const;

/** A method of a rule. */
export type RouteMethod = (typeof ROUTE_METHODS)[number];

/** Whom a rule accepts: keys that hold its permission, any valid key, nobody, or anybody, with or without a key. */
export type RouteAccess = 'PERMISSION' | 'ANY_KEY' | 'NOBODY' | 'ANYBODY';

/** Whether a rule requires a key, whose permissions can be required at a scope. */
export const asksForKey = (access: RouteAccess): boolean => access === 'PERMISSION' || access === 'ANY_KEY';

/** The outcome for a request that matches no rule: rejected, or accepted with any valid key. */
export type NoMatch = 'DENY' | 'ANY_KEY';

/** The requirements for requests to some paths. Rules are an ordered list; the first match decides. */
export interface RouteRule {
  readonly id: string;
  /** Never empty. */
  readonly environments: readonly Environment[];
  readonly method: RouteMethod;
  /** Such as `/customers/{customerId}/orders` or `/admin/**`. */
  readonly pathPattern: string;
  readonly access: RouteAccess;
  /** With PERMISSION; null otherwise. */
  readonly permission: string | null;
  /** The path parameter with the id of the required scope; null if no scope is required. */
  readonly scopeParameter: string | null;
  readonly description: string;
}

/** A rule with its position in the list, counted from 1. */
export interface PlacedRouteRule extends RouteRule {
  readonly position: number;
  /** Grows with each change of the rule, and of the order of the list. */
  readonly version: number;
}

/** The rules at some moment, in order. Plain JSON, as stored in files and in the database. */
export interface RouteRuleList {
  readonly rules: readonly RouteRule[];
  readonly noMatch: NoMatch;
}

/** Everything that determines the requirements of requests. */
export interface RouteRules extends RouteRuleList {
  readonly rules: readonly PlacedRouteRule[];
  /** Rules that a restored database lost: a request is accepted only if these accept it too. */
  readonly held?: readonly RouteRuleList[];
}

/** Maximum length of a list. */
export const MAX_ROUTE_RULES = 5000;

/** Whether two rules are equal, regardless of position. */
export const sameRule = (a: RouteRule, b: RouteRule): boolean =>
  a.method === b.method &&
  a.pathPattern === b.pathPattern &&
  a.access === b.access &&
  a.permission === b.permission &&
  a.scopeParameter === b.scopeParameter &&
  a.description === b.description &&
  a.environments.join() === b.environments.join();

/** Whether two lists decide every request alike. */
export const sameRules = (a: RouteRuleList, b: RouteRuleList): boolean =>
  a.noMatch === b.noMatch &&
  a.rules.length === b.rules.length &&
  a.rules.every((rule, i) => sameRule({ ...rule, description: '' }, { ...b.rules[i]!, description: '' }));

/** A list without the members that only the database needs. */
export const listOf = ({ rules, noMatch }: RouteRuleList): RouteRuleList => ({
  rules: rules.map(
    ({ id, environments, method, pathPattern, access, permission, scopeParameter, description }) => ({
      id,
      environments,
      method,
      pathPattern,
      access,
      permission,
      scopeParameter,
      description,
    }),
  ),
  noMatch,
});

/** A short name of a rule for audit events and error messages. */
export const nameOfRule = ({ method, pathPattern }: Pick<RouteRule, 'method' | 'pathPattern'>): string =>
  `${method} ${pathPattern}`;
