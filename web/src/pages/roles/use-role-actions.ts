import type { DropdownMenuItem } from '@nuxt/ui';
import { computed } from 'vue';
import { useRouter } from 'vue-router';
import type { RoleRowFragment } from '../../gql/graphql.js';
import { useSession } from '../../stores/session.js';
import { useRoleDialogs } from './use-role-dialogs.js';

/** The user's actions on roles. */
export function useRoleActions() {
  const router = useRouter();
  const session = useSession();
  const dialogs = useRoleDialogs();
  const mayChange = computed(() => session.mayAt('keywright.access.manage'));

  /** The row menu; built-in roles can only be viewed and copied. */
  function menu(role: RoleRowFragment, withDetails = true): DropdownMenuItem[][] {
    const details: DropdownMenuItem = {
      label: 'Details',
      icon: 'i-lucide-panel-right-open',
      onSelect: () => void router.push({ name: 'role', params: { id: role.id } }),
    };
    const edit: DropdownMenuItem = {
      label: 'Edit',
      icon: 'i-lucide-pencil',
      onSelect: () => dialogs.open({ kind: 'edit', role }),
    };
    const duplicate: DropdownMenuItem = {
      label: 'Duplicate',
      icon: 'i-lucide-copy-plus',
      onSelect: () => dialogs.open({ kind: 'create', like: role }),
    };
    const remove: DropdownMenuItem = {
      label: 'Delete',
      icon: 'i-lucide-trash-2',
      color: 'error',
      onSelect: () => dialogs.open({ kind: 'delete', role }),
    };
    const own = mayChange.value && !role.builtIn;
    return [
      [
        ...(withDetails ? [details] : []),
        ...(own && withDetails ? [edit] : []),
        ...(mayChange.value ? [duplicate] : []),
      ],
      own ? [remove] : [],
    ].filter((group) => group.length);
  }

  return { menu, mayChange };
}
