import type { DropdownMenuItem } from '@nuxt/ui';
import { computed } from 'vue';
import { useRouter } from 'vue-router';
import { mutate } from '../../apollo/mutate.js';
import { confirm } from '../../components/confirm.js';
import { useNotify } from '../../composables/use-notify.js';
import type { RoleRowFragment } from '../../gql/graphql.js';
import { MENU } from '../../lib/menu.js';
import { DeleteRoleMutation } from '../../operations/roles.js';
import { useSession } from '../../stores/session.js';
import { roleDialogs } from './role-dialogs.js';

/** The user's actions on roles. */
export function useRoleActions() {
  const router = useRouter();
  const session = useSession();
  const notify = useNotify();
  const mayChange = computed(() => session.mayAt('keywright.access.manage'));

  const remove = ({ id, name, holderCount }: RoleRowFragment): void =>
    confirm({
      title: `Delete ${name}`,
      description: holderCount
        ? 'Only a role that nobody has can be deleted.'
        : 'Nobody has this role. This cannot be undone.',
      submitLabel: 'Delete role',
      danger: true,
      send: async () => {
        await mutate(DeleteRoleMutation, { id });
        notify.done(`${name} deleted`);
        if (router.currentRoute.value.name === 'role') await router.push({ name: 'roles' });
        roleDialogs.changed();
      },
    });

  /** The row menu; built-in roles can only be viewed and copied. */
  function menu(role: RoleRowFragment, withDetails = true): DropdownMenuItem[][] {
    const details = {
      ...MENU.details,
      onSelect: () => void router.push({ name: 'role', params: { id: role.id } }),
    };
    const edit = { ...MENU.edit, onSelect: () => roleDialogs.open('form', { role }) };
    const duplicate = { ...MENU.duplicate, onSelect: () => roleDialogs.open('form', { like: role }) };
    const own = mayChange.value && !role.builtIn;
    return [
      [
        ...(withDetails ? [details] : []),
        ...(own && withDetails ? [edit] : []),
        ...(mayChange.value ? [duplicate] : []),
      ],
      own ? [{ ...MENU.delete, onSelect: () => remove(role) }] : [],
    ].filter((group) => group.length);
  }

  return { menu, mayChange };
}
