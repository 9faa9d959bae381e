import { computed } from 'vue';
import type { ScopeKind } from '../gql/graphql.js';
import type { ManagementPermission } from '../lib/access.js';
import type { ScopeChoice } from '../lib/scopes.js';
import { useSession } from '../stores/session.js';

/** What the user can do with scopes. The server decides; this only hides what it would reject. */
export function useAccess() {
  const session = useSession();
  const scopes = computed(() => (session.viewer?.access ?? []).map(({ scope }) => scope));
  return {
    /** Whether the user has any grant at the root. */
    atRoot: computed(() => scopes.value.some(({ kind }) => kind === 'ROOT')),
    /** The kind of scope of all the user's grants; undefined if they are of several kinds. */
    topKind: computed<ScopeKind | undefined>(() => {
      const kinds = new Set(scopes.value.map(({ kind }) => kind));
      if (kinds.has('ROOT')) return 'ROOT';
      return kinds.size === 1 ? [...kinds][0] : undefined;
    }),
    /** The default of a scope picker: the user's only scope if there is just one, otherwise none. */
    onlyScope: computed<ScopeChoice | null>(() => {
      const [first, ...others] = scopes.value;
      return first && !others.length && first.kind !== 'ROOT' ? { ...first, path: [first] } : null;
    }),
    /** Whether the user has a permission at a scope; without a scope, at the root. */
    may: (permission: ManagementPermission, scope: ScopeChoice | null): boolean =>
      session.mayAt(permission, scope ? scope.path.map(({ id }) => id) : []),
  };
}
