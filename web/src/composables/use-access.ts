import { computed } from 'vue';
import type { ScopeKind } from '../gql/graphql.js';
import type { ManagementPermission } from '../lib/access.js';
import type { ScopeChoice } from '../lib/scopes.js';
import { useSession } from '../stores/session.js';

/** What the person at the screen may do with scopes. The server decides; this only hides what it would refuse. */
export function useAccess() {
  const session = useSession();
  const scopes = computed(() => (session.viewer?.access ?? []).map(({ scope }) => scope));
  return {
    /** Whether anything is held for the whole installation. */
    atRoot: computed(() => scopes.value.some(({ kind }) => kind === 'ROOT')),
    /** The kind of the scopes at which everything is held; undefined when they are of several kinds. */
    topKind: computed<ScopeKind | undefined>(() => {
      const kinds = new Set(scopes.value.map(({ kind }) => kind));
      if (kinds.has('ROOT')) return 'ROOT';
      return kinds.size === 1 ? [...kinds][0] : undefined;
    }),
    /** Where a choice of scope starts: the one scope of whoever holds something there only, else none. */
    onlyScope: computed<ScopeChoice | null>(() => {
      const [first, ...others] = scopes.value;
      return first && !others.length && first.kind !== 'ROOT' ? { ...first, path: [first] } : null;
    }),
    /** Whether a permission is held at a scope; without a scope: for the whole installation. */
    may: (permission: ManagementPermission, scope: ScopeChoice | null): boolean =>
      session.mayAt(permission, scope ? scope.path.map(({ id }) => id) : []),
  };
}
