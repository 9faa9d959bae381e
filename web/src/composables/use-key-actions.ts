import type { DropdownMenuItem } from '@nuxt/ui';
import { useRouter } from 'vue-router';
import { client } from '../apollo/client.js';
import type { KeyRowFragment } from '../gql/graphql.js';
import {
  BulkDisableMutation,
  DisableKeyMutation,
  EnableKeyMutation,
  EndOverlapMutation,
  LockKeyMutation,
  UnlockKeyMutation,
} from '../pages/keys/operations.js';
import { useAccess } from './use-access.js';
import { useKeyDialogs } from './use-key-dialogs.js';
import { useNotify } from './use-notify.js';

/** What can be done with a key: at once, or in a dialog. */
export function useKeyActions() {
  const router = useRouter();
  const dialogs = useKeyDialogs();
  const notify = useNotify();
  const { may } = useAccess();

  async function attempt(work: Promise<unknown>, done: string, failed: string): Promise<void> {
    try {
      await work;
      notify.done(done);
    } catch (error) {
      notify.failed(failed, error);
    } finally {
      dialogs.changed();
    }
  }

  function setEnabled({ id, name, enabled }: KeyRowFragment): Promise<void> {
    const mutation = enabled ? DisableKeyMutation : EnableKeyMutation;
    const [done, failed] = enabled ? ['disabled', 'not disabled'] : ['enabled', 'not enabled'];
    return attempt(
      client.mutate({ mutation, variables: { id } }),
      `${name} is ${done}`,
      `${name} is ${failed}`,
    );
  }

  function setLocked({ id, name, locked }: KeyRowFragment): Promise<void> {
    const mutation = locked ? UnlockKeyMutation : LockKeyMutation;
    const [done, failed] = locked ? ['unlocked', 'not unlocked'] : ['locked', 'not locked'];
    return attempt(
      client.mutate({ mutation, variables: { id } }),
      `${name} is ${done}`,
      `${name} is ${failed}`,
    );
  }

  function endOverlap({ id }: KeyRowFragment): Promise<void> {
    return attempt(
      client.mutate({ mutation: EndOverlapMutation, variables: { id } }),
      'The previous secret no longer works',
      'The previous secret still works',
    );
  }

  async function disableMany(keys: readonly KeyRowFragment[]): Promise<void> {
    try {
      const { data } = await client.mutate({
        mutation: BulkDisableMutation,
        variables: { ids: keys.map(({ id }) => id) },
      });
      reportBulk('disabled', data!.bulkDisableApiKeys);
    } catch (error) {
      notify.failed('Nothing was disabled', error);
    }
  }

  /** Says how a bulk action went, key by key where one was refused. */
  function reportBulk(done: string, result: { succeeded: string[]; failed: { message: string }[] }): void {
    const { succeeded, failed } = result;
    if (succeeded.length)
      notify.done(`${succeeded.length} ${succeeded.length === 1 ? 'key' : 'keys'} ${done}`);
    if (failed.length) {
      const reasons = [...new Set(failed.map(({ message }) => message))].join(' ');
      notify.failed(`${failed.length} not ${done}`, new Error(reasons));
    }
    dialogs.changed();
  }

  /** The row menu: what the viewer may do where the key lies. A revoked key is only a tombstone. */
  function menu(apiKey: KeyRowFragment, withDetails = true): DropdownMenuItem[][] {
    const details: DropdownMenuItem = {
      label: 'Details',
      icon: 'i-lucide-panel-right-open',
      onSelect: () => void router.push({ name: 'key', params: { id: apiKey.id } }),
    };
    const view = withDetails ? [details] : [];
    if (apiKey.status === 'REVOKED') return [view];
    const change: DropdownMenuItem[] = [
      { label: 'Edit', icon: 'i-lucide-pencil', onSelect: () => dialogs.open({ kind: 'edit', apiKey }) },
      {
        label: 'Duplicate',
        icon: 'i-lucide-copy-plus',
        onSelect: () => dialogs.open({ kind: 'duplicate', apiKey }),
      },
      {
        label: 'Regenerate',
        icon: 'i-lucide-refresh-cw',
        onSelect: () => dialogs.open({ kind: 'regenerate', apiKey }),
      },
    ];
    const switches: DropdownMenuItem[] = [
      {
        label: apiKey.enabled ? 'Disable' : 'Enable',
        icon: apiKey.enabled ? 'i-lucide-circle-pause' : 'i-lucide-circle-play',
        onSelect: () => void setEnabled(apiKey),
      },
      {
        label: apiKey.locked ? 'Unlock' : 'Lock',
        icon: apiKey.locked ? 'i-lucide-lock-open' : 'i-lucide-lock',
        onSelect: () => void setLocked(apiKey),
      },
    ];
    const revoke: DropdownMenuItem = {
      label: 'Revoke',
      icon: 'i-lucide-ban',
      color: 'error',
      onSelect: () => dialogs.open({ kind: 'revoke', apiKey }),
    };
    const mayWrite = may('keywright.keys.write', apiKey.scope);
    return [
      mayWrite ? [...view, ...change] : view,
      mayWrite ? switches : [],
      may('keywright.keys.revoke', apiKey.scope) ? [revoke] : [],
    ].filter((group) => group.length);
  }

  return { menu, endOverlap, disableMany, reportBulk };
}
