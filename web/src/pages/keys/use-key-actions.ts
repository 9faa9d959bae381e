import type { DropdownMenuItem } from '@nuxt/ui';
import { useRouter } from 'vue-router';
import { mutate } from '../../apollo/mutate.js';
import type { BulkResultFragment, KeyRowFragment } from '../../gql/graphql.js';
import { namesOf } from '../../lib/extension.js';
import { MENU } from '../../lib/menu.js';
import type { ChangeWord } from '../../lib/propagation.js';
import {
  BulkDisableMutation,
  DisableKeyMutation,
  EnableKeyMutation,
  EndOverlapMutation,
  LockKeyMutation,
  UnlockKeyMutation,
} from '../../operations/keys.js';
import { useAccess } from '../../composables/use-access.js';
import { useNotify } from '../../composables/use-notify.js';
import { useChangeNotice } from '../../composables/use-propagation.js';
import { keyDialogs } from './key-dialogs.js';

const BULK_WORDS = { disabled: 'Disabled', revoked: 'Revoked', extended: 'Changed' } as const;

/** Actions on a key, immediate or in a dialog. */
export function useKeyActions() {
  const router = useRouter();
  const notify = useNotify();
  const noteChange = useChangeNotice();
  const { may } = useAccess();

  /** Changes one key immediately and notifies the user of the result. */
  async function change(
    mutation: typeof EnableKeyMutation | typeof DisableKeyMutation | typeof EndOverlapMutation,
    id: string,
    words: { word: ChangeWord; done: string; failed: string },
  ): Promise<void> {
    try {
      const data = await mutate(mutation, { id });
      noteChange(words.done, words.word, data.change.propagation);
    } catch (error) {
      notify.failed(words.failed, error);
    } finally {
      keyDialogs.changed();
    }
  }

  const wordsFor = ({ name }: KeyRowFragment, word: ChangeWord) => ({
    word,
    done: `${name} is ${word.toLowerCase()}`,
    failed: `${name} is not ${word.toLowerCase()}`,
  });

  function setEnabled(apiKey: KeyRowFragment): Promise<void> {
    return apiKey.enabled
      ? change(DisableKeyMutation, apiKey.id, wordsFor(apiKey, 'Disabled'))
      : change(EnableKeyMutation, apiKey.id, wordsFor(apiKey, 'Enabled'));
  }

  function setLocked(apiKey: KeyRowFragment): Promise<void> {
    return apiKey.locked
      ? change(UnlockKeyMutation, apiKey.id, wordsFor(apiKey, 'Unlocked'))
      : change(LockKeyMutation, apiKey.id, wordsFor(apiKey, 'Locked'));
  }

  function endOverlap({ id }: KeyRowFragment): Promise<void> {
    return change(EndOverlapMutation, id, {
      word: 'Changed',
      done: 'The previous secret no longer works',
      failed: 'The previous secret still works',
    });
  }

  async function disableMany(keys: readonly KeyRowFragment[]): Promise<void> {
    try {
      const data = await mutate(BulkDisableMutation, { ids: keys.map(({ id }) => id) });
      reportBulk('disabled', data.bulkDisableApiKeys, keys);
    } catch (error) {
      notify.failed('Nothing was disabled', error);
    }
  }

  /** Notifies the user of the result of a bulk action, with each rejected key. */
  function reportBulk(
    done: keyof typeof BULK_WORDS,
    { succeeded, failed, propagation }: BulkResultFragment,
    keys: readonly KeyRowFragment[],
  ): void {
    const title = `${succeeded.length} ${succeeded.length === 1 ? 'key' : 'keys'} ${done}`;
    if (propagation) noteChange(title, BULK_WORDS[done], propagation);
    else if (succeeded.length) notify.done(title);
    if (failed.length) {
      const reasons = [...new Set(failed.map(({ message }) => message))].map((reason) => {
        const ids = new Set(failed.filter(({ message }) => message === reason).map(({ id }) => id));
        return `${namesOf(keys.filter(({ id }) => ids.has(id)))}: ${reason}`;
      });
      notify.failed(`${failed.length} not ${done}`, new Error(reasons.join(' ')));
    }
    keyDialogs.changed();
  }

  /** The row menu: what the user can do at the key's scope. A revoked key is only a tombstone. */
  function menu(apiKey: KeyRowFragment, withDetails = true): DropdownMenuItem[][] {
    const details = {
      ...MENU.details,
      onSelect: () => void router.push({ name: 'key', params: { id: apiKey.id } }),
    };
    const view = withDetails ? [details] : [];
    if (apiKey.status === 'REVOKED') return [view];
    const change: DropdownMenuItem[] = [
      { ...MENU.edit, onSelect: () => keyDialogs.open('edit', { apiKey }) },
      { ...MENU.duplicate, onSelect: () => keyDialogs.open('duplicate', { apiKey }) },
      {
        label: 'Regenerate',
        icon: 'i-lucide-refresh-cw',
        onSelect: () => keyDialogs.open('regenerate', { apiKey }),
      },
    ];
    const switches: DropdownMenuItem[] = [
      { ...MENU[apiKey.enabled ? 'disable' : 'enable'], onSelect: () => void setEnabled(apiKey) },
      {
        label: apiKey.locked ? 'Unlock' : 'Lock',
        icon: apiKey.locked ? 'i-lucide-lock-open' : 'i-lucide-lock',
        onSelect: () => void setLocked(apiKey),
      },
    ];
    const revoke = { ...MENU.revoke, onSelect: () => keyDialogs.open('revoke', { keys: [apiKey] }) };
    const mayWrite = may('keywright.keys.write', apiKey.scope);
    return [
      mayWrite ? [...view, ...change] : view,
      mayWrite ? switches : [],
      may('keywright.keys.revoke', apiKey.scope) ? [revoke] : [],
    ].filter((group) => group.length);
  }

  return { menu, endOverlap, disableMany, reportBulk };
}
