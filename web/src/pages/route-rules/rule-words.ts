import type { Environment, RouteAccess, RouteMethod } from '../../gql/graphql.js';
import { ENVIRONMENT_LABELS, ENVIRONMENTS } from '../../lib/labels.js';

/** Whom a rule lets pass, as people read it. */
export const ACCESS_LABELS: Record<RouteAccess, string> = {
  PERMISSION: 'Keys with a permission',
  ANY_KEY: 'Any valid key',
  NOBODY: 'Nobody',
  ANYBODY: 'Anybody, without a key',
};

/** What a request needs, in words. */
export function needOf(
  { access, permission }: { access: RouteAccess; permission?: string | null },
  labels: ReadonlyMap<string, string>,
): string {
  if (access !== 'PERMISSION' || !permission) return ACCESS_LABELS[access];
  return labels.get(permission) ?? permission;
}

/** The icon of whom a rule lets pass. */
export const ACCESS_ICONS: Record<RouteAccess, string> = {
  PERMISSION: 'i-lucide-shield-check',
  ANY_KEY: 'i-lucide-key-round',
  NOBODY: 'i-lucide-ban',
  ANYBODY: 'i-lucide-lock-open',
};

/** Whether a rule asks for a key, whose permission may be asked for at a scope. */
export const asksForKey = (access: RouteAccess): boolean => access === 'PERMISSION' || access === 'ANY_KEY';

/** What to know before anybody may pass. */
export const ANYBODY_WARNING =
  'These requests reach your service without a key. They are not counted, limited or logged. Keep the path and the method narrow, as for health checks and CORS preflights.';

/** The methods in the order in which they are offered; TRACE is not, as such requests are always refused. */
export const METHODS: readonly RouteMethod[] = [
  'ANY',
  'GET',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'HEAD',
  'OPTIONS',
];

/** Where a rule holds, in a few words. */
export const placesOf = (environments: readonly Environment[]): string =>
  environments.length === ENVIRONMENTS.length
    ? 'All environments'
    : environments.map((each) => ENVIRONMENT_LABELS[each]).join(', ');

/** Names of the parameters of a path, in order. */
export const parametersIn = (pathPattern: string): string[] => [
  ...new Set([...pathPattern.matchAll(/\{([^{}/]+)\}/g)].map(([, name = '']) => name)),
];
