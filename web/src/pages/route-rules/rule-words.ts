import type { Environment, RouteAccess, RouteMethod } from '../../gql/graphql.js';
import { ENVIRONMENT_LABELS, ENVIRONMENTS } from '../../lib/labels.js';

/** Whom a rule lets pass, as people read it. */
export const ACCESS_LABELS: Record<RouteAccess, string> = {
  PERMISSION: 'Keys with a permission',
  ANY_KEY: 'Any valid key',
  NOBODY: 'Nobody',
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
};

/** The methods in the order in which they are offered. */
export const METHODS: readonly RouteMethod[] = [
  'ANY',
  'GET',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'HEAD',
  'OPTIONS',
  'TRACE',
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
