import type { DropdownMenuItem } from '@nuxt/ui';
import { useRouter } from 'vue-router';
import { client } from '../../apollo/client.js';
import { mutate } from '../../apollo/mutate.js';
import { confirm } from '../../components/confirm.js';
import { useNotify } from '../../composables/use-notify.js';
import type { UserRowFragment } from '../../gql/graphql.js';
import { MENU } from '../../lib/menu.js';
import {
  DisabledKeysOfUserQuery,
  EndUserSessionsMutation,
  IssuePasswordLinkMutation,
  ResetTwoFactorMutation,
  UpdateUserMutation,
} from '../../operations/users.js';
import { useSession } from '../../stores/session.js';
import { userDialogs } from './user-dialogs.js';

/** Actions on a user, immediate or in a dialog. */
export function useUserActions() {
  const router = useRouter();
  const session = useSession();
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
        if (data?.apiKeys.totalCount) return userDialogs.open('switch', { user });
      }
      await mutate(UpdateUserMutation, { input: { id, enabled: true } });
      notify.done(`${name} can sign in again`);
      userDialogs.changed();
    } catch (error) {
      notify.failed(`${name} is still disabled`, error);
    }
  }

  /** Creates a one-time link, which a dialog then shows once. */
  function askForLink({ id, name, status }: UserRowFragment): void {
    const invited = status === 'INVITED';
    confirm({
      title: invited ? `New invitation link for ${name}` : `Password link for ${name}`,
      description: invited
        ? 'The previous link stops working.'
        : 'They can use it once to choose a new password. Until then, the current one keeps working.',
      submitLabel: 'Create link',
      send: async () => {
        const data = await mutate(IssuePasswordLinkMutation, { id }, { fetchPolicy: 'no-cache' });
        userDialogs.open('link', { user: data.issuePasswordLink, invited: false });
        userDialogs.changed();
      },
    });
  }

  const askToResetFactor = ({ id, name }: UserRowFragment): void =>
    confirm({
      title: `Reset two-factor for ${name}`,
      description:
        'For someone who lost their device and recovery codes. Make sure the request really comes from them: afterwards, their password alone is enough to sign in.',
      submitLabel: 'Reset',
      danger: true,
      send: async () => {
        await mutate(ResetTwoFactorMutation, { id });
        notify.done(`${name} now signs in without a second factor`);
        userDialogs.changed();
      },
    });

  const askToEndSessions = ({ id, name }: UserRowFragment): void =>
    confirm({
      title: `End all sessions of ${name}`,
      description: 'They have to sign in again on every device. The keys they created keep working.',
      submitLabel: 'End sessions',
      danger: true,
      send: async () => {
        const { endUserSessions: count } = await mutate(EndUserSessionsMutation, { id });
        if (!count) notify.done(`${name} was not signed in`);
        else
          notify.done(
            count === 1 ? `1 session of ${name} has ended` : `${count} sessions of ${name} have ended`,
          );
        userDialogs.changed();
      },
    });

  /** The row menu. Actions on oneself are on the account page, or not available. */
  function menu(user: UserRowFragment, withDetails = true): DropdownMenuItem[][] {
    const details = {
      ...MENU.details,
      onSelect: () => void router.push({ name: 'user', params: { id: user.id } }),
    };
    const edit = { ...MENU.edit, onSelect: () => userDialogs.open('form', { user }) };
    const view = withDetails ? [details, edit] : [];
    if (isViewer(user)) {
      return [[...view, { label: 'My account', icon: 'i-lucide-circle-user-round', to: '/account' }]];
    }
    const link = {
      label: user.status === 'INVITED' ? 'New invitation link' : 'Password link',
      icon: 'i-lucide-link',
      onSelect: () => askForLink(user),
    };
    const factor = {
      label: 'Reset two-factor',
      icon: 'i-lucide-shield-off',
      onSelect: () => askToResetFactor(user),
    };
    const sessions = {
      label: 'End sessions',
      icon: 'i-lucide-log-out',
      onSelect: () => askToEndSessions(user),
    };
    const help = [
      ...(user.enabled && !user.external ? [link] : []),
      ...(user.twoFactorEnabled ? [factor] : []),
      ...(user.status === 'ACTIVE' ? [sessions] : []),
    ];
    const switched: DropdownMenuItem = user.enabled
      ? { ...MENU.disable, color: 'error', onSelect: () => userDialogs.open('switch', { user }) }
      : { ...MENU.enable, onSelect: () => void enable(user) };
    return [view, help, [switched]].filter((group) => group.length);
  }

  return { menu, isViewer, askForLink };
}
