import type { Environment, RouteAccess, RouteMethod } from '../../gql/graphql.js';
import { ENVIRONMENTS } from '@keywright/schema/environment';
import { ENVIRONMENT_LABELS } from '../../lib/labels.js';

/** Labels of the access that a rule gives. */
export const ACCESS_LABELS: Record<RouteAccess, string> = {
  PERMISSION: 'Keys with a permission',
  ANY_KEY: 'Any valid key',
  NOBODY: 'Nobody',
  ANYBODY: 'Anyone, without a key',
};

/** Describes what a request needs. */
export function needOf(
  { access, permission }: { access: RouteAccess; permission?: string | null },
  labels: ReadonlyMap<string, string>,
): string {
  if (access !== 'PERMISSION' || !permission) return ACCESS_LABELS[access];
  return labels.get(permission) ?? permission;
}

/** Icons of the access that a rule gives. */
export const ACCESS_ICONS: Record<RouteAccess, string> = {
  PERMISSION: 'i-lucide-shield-check',
  ANY_KEY: 'i-lucide-key-round',
  NOBODY: 'i-lucide-ban',
  ANYBODY: 'i-lucide-lock-open',
};

/** Whether a rule requires a key, and so can name a scope. */
export const asksForKey = (access: RouteAccess): boolean => access === 'PERMISSION' || access === 'ANY_KEY';

/** The warning about access for anyone. */
export const ANYBODY_WARNING =
  'These requests reach your service without a key. They are not counted, limited or logged. Keep the path and the method narrow, as for health checks and CORS preflights.';

/** The methods in display order, without TRACE, as TRACE requests are always rejected. */
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

/** A short form of a rule's environments. */
export const placesOf = (environments: readonly Environment[]): string =>
  environments.length === ENVIRONMENTS.length
    ? 'All environments'
    : environments.map((each) => ENVIRONMENT_LABELS[each]).join(', ');

/** Names of the path parameters, in order. */
export const parametersIn = (pathPattern: string): string[] => [
  ...new Set([...pathPattern.matchAll(/\{([^{}/]+)\}/g)].map(([, name = '']) => name)),
];
