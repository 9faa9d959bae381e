import type { DropdownMenuItem } from '@nuxt/ui';
import { useRouter } from 'vue-router';
import { mutate } from '../../apollo/mutate.js';
import { confirm } from '../../components/confirm.js';
import { useAccess } from '../../composables/use-access.js';
import { useNotify } from '../../composables/use-notify.js';
import type { ServiceAccountRowFragment } from '../../gql/graphql.js';
import { MENU } from '../../lib/menu.js';
import { MANAGE_ACCESS } from '../../lib/permissions.js';
import {
  DeleteServiceAccountMutation,
  UpdateServiceAccountMutation,
} from '../../operations/service-accounts.js';
import { accountDialogs } from './account-dialogs.js';

/** Actions on a service account, immediate or in a dialog. */
export function useAccountActions() {
  const router = useRouter();
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
      accountDialogs.changed();
    }
  }

  const remove = ({ id, name }: ServiceAccountRowFragment): void =>
    confirm({
      title: `Delete “${name}”`,
      description:
        'Only a service account without keys can be deleted. This cannot be undone; the audit trail stays. To stop its keys immediately without losing anything, disable it instead.',
      submitLabel: 'Delete',
      danger: true,
      send: async () => {
        await mutate(DeleteServiceAccountMutation, { id });
        notify.done(`${name} deleted`);
        if (router.currentRoute.value.name === 'service-account') {
          await router.replace({ name: 'service-accounts' });
        }
        accountDialogs.changed();
      },
    });

  /** The row menu, with the actions that the user can take. */
  function menu(account: ServiceAccountRowFragment, withDetails = true): DropdownMenuItem[][] {
    const { id, name } = account;
    const manage = {
      ...MENU.details,
      label: 'Manage',
      onSelect: () => void router.push({ name: 'service-account', params: { id } }),
    };
    const edit = { ...MENU.edit, onSelect: () => accountDialogs.open('edit', { id, name }) };
    const view = withDetails ? [manage] : [];
    if (!mayChange(account)) return view.length ? [view] : [];
    return [
      [...view, ...(withDetails ? [edit] : [])],
      [{ ...MENU[account.enabled ? 'disable' : 'enable'], onSelect: () => void setEnabled(account) }],
      [{ ...MENU.delete, onSelect: () => remove(account) }],
    ].filter((group) => group.length);
  }

  return { menu, mayChange };
}
