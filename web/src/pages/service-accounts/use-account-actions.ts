import type { DropdownMenuItem } from '@nuxt/ui';
import { useRouter } from 'vue-router';
import { mutate } from '../../apollo/mutate.js';
import { useAccess } from '../../composables/use-access.js';
import { useNotify } from '../../composables/use-notify.js';
import type { ServiceAccountRowFragment } from '../../gql/graphql.js';
import { MANAGE_ACCESS } from '../../lib/permissions.js';
import { UpdateServiceAccountMutation } from '../../operations/service-accounts.js';
import { useAccountDialogs } from './use-account-dialogs.js';

/** Actions on a service account, immediate or in a dialog. */
export function useAccountActions() {
  const router = useRouter();
  const dialogs = useAccountDialogs();
  const notify = useNotify();
  const { may } = useAccess();

  const mayChange = ({ scope }: ServiceAccountRowFragment): boolean => may(MANAGE_ACCESS, scope);

  async function setEnabled({ id, name, enabled }: ServiceAccountRowFragment): Promise<void> {
    const [done, failed] = enabled ? ['disabled', 'not disabled'] : ['enabled', 'not enabled'];
    try {
      await mutate(UpdateServiceAccountMutation, { input: { id, enabled: !enabled } });
      notify.done(`${name} is ${done}`);
    } catch (error) {
      notify.failed(`${name} is ${failed}`, error);
    } finally {
      dialogs.changed();
    }
  }

  /** The row menu, with the actions that the user can take. */
  function menu(account: ServiceAccountRowFragment, withDetails = true): DropdownMenuItem[][] {
    const manage: DropdownMenuItem = {
      label: 'Manage',
      icon: 'i-lucide-panel-right-open',
      onSelect: () => void router.push({ name: 'service-account', params: { id: account.id } }),
    };
    const edit: DropdownMenuItem = {
      label: 'Edit',
      icon: 'i-lucide-pencil',
      onSelect: () => dialogs.open({ kind: 'edit', account }),
    };
    const view = withDetails ? [manage] : [];
    if (!mayChange(account)) return view.length ? [view] : [];
    return [
      [...view, ...(withDetails ? [edit] : [])],
      [
        {
          label: account.enabled ? 'Disable' : 'Enable',
          icon: account.enabled ? 'i-lucide-circle-pause' : 'i-lucide-circle-play',
          onSelect: () => void setEnabled(account),
        },
      ],
      [
        {
          label: 'Delete',
          icon: 'i-lucide-trash-2',
          color: 'error' as const,
          onSelect: () => dialogs.open({ kind: 'delete', account }),
        },
      ],
    ].filter((group) => group.length);
  }

  return { menu, mayChange };
}
