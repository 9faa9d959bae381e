import type { ScopeKind } from '../gql/graphql.js';

/** A scope with its name. */
export interface ScopeName {
  id: string;
  kind: ScopeKind;
  name: string;
}

/** A scope with its path, from the topmost scope that the user can see. */
export interface ScopeChoice extends ScopeName {
  path: readonly ScopeName[];
}

/** The name of the root. */
export const ROOT_NAME = 'Whole installation';

/** The words for each kind of scope (`any` with its article), and its icon. */
export const SCOPE_KINDS: Record<ScopeKind, { one: string; any: string; many: string; icon: string }> = {
  ROOT: { one: 'installation', any: 'an installation', many: 'installations', icon: 'i-lucide-globe' },
  CUSTOMER: { one: 'customer', any: 'a customer', many: 'customers', icon: 'i-lucide-building-2' },
  ORGANIZATION: {
    one: 'organization',
    any: 'an organization',
    many: 'organizations',
    icon: 'i-lucide-network',
  },
  ACCOUNT: { one: 'account', any: 'an account', many: 'accounts', icon: 'i-lucide-square-user' },
};

/** The kind of scope directly below one; none below an account. */
export const CHILD_KINDS: Record<ScopeKind, ScopeKind | null> = {
  ROOT: 'CUSTOMER',
  CUSTOMER: 'ORGANIZATION',
  ORGANIZATION: 'ACCOUNT',
  ACCOUNT: null,
};

/** The kind of scope directly above one. */
export const PARENT_KINDS: Record<ScopeKind, ScopeKind | null> = {
  ROOT: null,
  CUSTOMER: 'ROOT',
  ORGANIZATION: 'CUSTOMER',
  ACCOUNT: 'ORGANIZATION',
};

/** Whether scopes of this kind have their own API switch. */
export const hasApiSwitch = (kind: ScopeKind): boolean => kind === 'CUSTOMER' || kind === 'ORGANIZATION';

/** Capitalizes a word. */
export const capitalized = (word: string): string => `${word.charAt(0).toUpperCase()}${word.slice(1)}`;

/** The display name of a scope: its name, or that of the root. */
export const scopeName = ({ kind, name }: Omit<ScopeName, 'id'>): string =>
  kind === 'ROOT' ? ROOT_NAME : name;

/** The path to a scope without the root; for the root itself, only the root. */
export function visiblePath<Name extends ScopeName>(path: readonly Name[]): readonly Name[] {
  const below = path.filter(({ kind }) => kind !== 'ROOT');
  return below.length ? below : path;
}

/** The path to a scope on one line, such as `Acme › Retail`. */
export function scopePathText(scope: ScopeChoice): string {
  const path = visiblePath(scope.path);
  return path.length ? path.map(scopeName).join(' › ') : scopeName(scope);
}

/** The parent scope, if the path contains it. */
export function scopeAbove({ path }: ScopeChoice): ScopeChoice | null {
  const above = path.slice(0, -1);
  const last = above.at(-1);
  return last ? { ...last, path: above } : null;
}
