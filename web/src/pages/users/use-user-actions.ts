import type { DropdownMenuItem } from '@nuxt/ui';
import { useRouter } from 'vue-router';
import { client } from '../../apollo/client.js';
import { mutate } from '../../apollo/mutate.js';
import { useNotify } from '../../composables/use-notify.js';
import type { UserRowFragment } from '../../gql/graphql.js';
import { useSession } from '../../stores/session.js';
import { DisabledKeysOfUserQuery, UpdateUserMutation } from '../../operations/users.js';
import { useUserDialogs, type UserQuestion } from './use-user-dialogs.js';

/** Actions on a user, immediate or in a dialog. */
export function useUserActions() {
  const router = useRouter();
  const session = useSession();
  const dialogs = useUserDialogs();
  const notify = useNotify();

  const isViewer = ({ id }: { id: string }): boolean => id === session.viewer?.user?.id;

  /** Enables a user: immediately, unless there are keys to enable too. */
  async function enable(user: UserRowFragment): Promise<void> {
    const { id, name } = user;
    try {
      if (session.may('keywright.keys.read')) {
        const { data } = await client.query({
          query: DisabledKeysOfUserQuery,
          variables: { id },
          fetchPolicy: 'no-cache',
        });
        if (data?.apiKeys.totalCount) return dialogs.open({ kind: 'switch', user });
      }
      await mutate(UpdateUserMutation, { input: { id, enabled: true } });
      notify.done(`${name} may sign in again`);
      dialogs.changed();
    } catch (error) {
      notify.failed(`${name} is still disabled`, error);
    }
  }

  /** The row menu. Actions on oneself are on the account page, or not available. */
  function menu(user: UserRowFragment, withDetails = true): DropdownMenuItem[][] {
    const ask = (question: UserQuestion) => () => dialogs.open({ kind: 'ask', question, user });
    const edit: DropdownMenuItem = {
      label: 'Edit',
      icon: 'i-lucide-pencil',
      onSelect: () => dialogs.open({ kind: 'edit', user }),
    };
    const view: DropdownMenuItem[] = withDetails
      ? [
          {
            label: 'Details',
            icon: 'i-lucide-panel-right-open',
            onSelect: () => void router.push({ name: 'user', params: { id: user.id } }),
          },
          edit,
        ]
      : [];
    if (isViewer(user)) {
      return [[...view, { label: 'My account', icon: 'i-lucide-circle-user-round', to: '/account' }]];
    }
    const link: DropdownMenuItem = {
      label: user.status === 'INVITED' ? 'New invitation link' : 'Password link',
      icon: 'i-lucide-link',
      onSelect: ask('link'),
    };
    const factor: DropdownMenuItem = {
      label: 'Reset two-factor',
      icon: 'i-lucide-shield-off',
      onSelect: ask('factor'),
    };
    const sessions: DropdownMenuItem = {
      label: 'End sessions',
      icon: 'i-lucide-log-out',
      onSelect: ask('sessions'),
    };
    const help = [
      ...(user.enabled && !user.external ? [link] : []),
      ...(user.twoFactorEnabled ? [factor] : []),
      ...(user.status === 'ACTIVE' ? [sessions] : []),
    ];
    const switched: DropdownMenuItem = user.enabled
      ? {
          label: 'Disable',
          icon: 'i-lucide-circle-pause',
          color: 'error',
          onSelect: () => dialogs.open({ kind: 'switch', user }),
        }
      : { label: 'Enable', icon: 'i-lucide-circle-play', onSelect: () => void enable(user) };
    return [view, help, [switched]].filter((group) => group.length);
  }

  return { menu, isViewer };
}
