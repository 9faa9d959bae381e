import type { ScopeKind } from '../gql/graphql.js';

/** A scope by its name. */
export interface ScopeName {
  id: string;
  kind: ScopeKind;
  name: string;
}

/** A scope as it is chosen and shown: with the way to it, from the topmost scope that the reader may see. */
export interface ScopeChoice extends ScopeName {
  path: readonly ScopeName[];
}

/** What the root is called. */
export const ROOT_NAME = 'Whole installation';

/** Each kind of scope in words (`any` with its article), and with its icon. */
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

/** The kind of the scopes directly below one; none lie below an account. */
export const CHILD_KINDS: Record<ScopeKind, ScopeKind | null> = {
  ROOT: 'CUSTOMER',
  CUSTOMER: 'ORGANIZATION',
  ORGANIZATION: 'ACCOUNT',
  ACCOUNT: null,
};

/** The kind of the scope directly above one. */
export const PARENT_KINDS: Record<ScopeKind, ScopeKind | null> = {
  ROOT: null,
  CUSTOMER: 'ROOT',
  ORGANIZATION: 'CUSTOMER',
  ACCOUNT: 'ORGANIZATION',
};

/** Whether scopes of this kind have an API switch of their own. */
export const hasApiSwitch = (kind: ScopeKind): boolean => kind === 'CUSTOMER' || kind === 'ORGANIZATION';

/** A word with a capital first letter. */
export const capitalized = (word: string): string => `${word.charAt(0).toUpperCase()}${word.slice(1)}`;

/** What a scope is called: its name, or the words for the root. */
export const scopeName = ({ kind, name }: Omit<ScopeName, 'id'>): string =>
  kind === 'ROOT' ? ROOT_NAME : name;

/** The way to a scope without the root, which goes without saying, and which is all that is left for the root itself. */
export function visiblePath<Name extends ScopeName>(path: readonly Name[]): readonly Name[] {
  const below = path.filter(({ kind }) => kind !== 'ROOT');
  return below.length ? below : path;
}

/** The way to a scope in one line, such as `Acme › Retail`. */
export function scopePathText(scope: ScopeChoice): string {
  const path = visiblePath(scope.path);
  return path.length ? path.map(scopeName).join(' › ') : scopeName(scope);
}

/** The scope above, as far as the way to it is known. */
export function scopeAbove({ path }: ScopeChoice): ScopeChoice | null {
  const above = path.slice(0, -1);
  const last = above.at(-1);
  return last ? { ...last, path: above } : null;
}
