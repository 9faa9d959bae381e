import type { Environment } from '../keys/token.js';

/** The methods that a rule may name; ANY stands for every method, also for those that are not listed. */
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

/** Whom a rule lets pass: keys that hold its permission, any key that is valid, nobody, or everybody, with a key or without. */
export type RouteAccess = 'PERMISSION' | 'ANY_KEY' | 'NOBODY' | 'ANYBODY';

/** Whether a rule asks for a key, whose permissions may be asked for at a scope. */
export const asksForKey = (access: RouteAccess): boolean => access === 'PERMISSION' || access === 'ANY_KEY';

/** What a request that no rule matches gets: nothing, or what any valid key may have. */
export type NoMatch = 'DENY' | 'ANY_KEY';

/** What requests to some paths need. Rules are an ordered list; the first that matches decides. */
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
  /** The path parameter whose value is the id of the scope that is asked about; null: no scope is asked about. */
  readonly scopeParameter: string | null;
  readonly description: string;
}

/** A rule with its place in the list, counted from 1. */
export interface PlacedRouteRule extends RouteRule {
  readonly position: number;
  /** Grows with each change of the rule, and of the order of the list. */
  readonly version: number;
}

/** The rules of some moment, in order. Plain JSON, as it is kept in files and in the database. */
export interface RouteRuleList {
  readonly rules: readonly RouteRule[];
  readonly noMatch: NoMatch;
}

/** Everything that decides what requests need. */
export interface RouteRules extends RouteRuleList {
  readonly rules: readonly PlacedRouteRule[];
  /** Rules that the database lost when it was restored: a request passes only if these let it pass as well. */
  readonly held?: readonly RouteRuleList[];
}

/** No list is longer. */
export const MAX_ROUTE_RULES = 5000;

/** Whether two rules say the same, wherever they stand. */
export const sameRule = (a: RouteRule, b: RouteRule): boolean =>
  a.method === b.method &&
  a.pathPattern === b.pathPattern &&
  a.access === b.access &&
  a.permission === b.permission &&
  a.scopeParameter === b.scopeParameter &&
  a.description === b.description &&
  a.environments.join() === b.environments.join();

/** Whether two lists decide the same about every request. */
export const sameRules = (a: RouteRuleList, b: RouteRuleList): boolean =>
  a.noMatch === b.noMatch &&
  a.rules.length === b.rules.length &&
  a.rules.every((rule, i) => sameRule({ ...rule, description: '' }, { ...b.rules[i]!, description: '' }));

/** A list without what only the database needs. */
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

/** A rule in a few words, as audit and refusals name it. */
export const nameOfRule = ({ method, pathPattern }: Pick<RouteRule, 'method' | 'pathPattern'>): string =>
  `${method} ${pathPattern}`;
