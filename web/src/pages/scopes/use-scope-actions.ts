import type { DropdownMenuItem } from '@nuxt/ui';
import { useRouter } from 'vue-router';
import { mutate } from '../../apollo/mutate.js';
import { useAccess } from '../../composables/use-access.js';
import { useNotify } from '../../composables/use-notify.js';
import type { ScopeRowFragment } from '../../gql/graphql.js';
import { MANAGE_ACCESS } from '../../lib/permissions.js';
import { hasApiSwitch, scopeAbove } from '../../lib/scopes.js';
import { SetScopeApiMutation } from '../../operations/scopes.js';
import { useScopeDialogs } from './use-scope-dialogs.js';

/** Actions on a scope, immediate or in a dialog. */
export function useScopeActions() {
  const router = useRouter();
  const dialogs = useScopeDialogs();
  const notify = useNotify();
  const { may } = useAccess();

  const mayChange = (scope: ScopeRowFragment): boolean => may(MANAGE_ACCESS, scope);
  /** Creating and deleting a scope requires the permission at its parent. */
  const mayDelete = (scope: ScopeRowFragment): boolean => may(MANAGE_ACCESS, scopeAbove(scope));

  async function switchApi({ id, name }: ScopeRowFragment, enabled: boolean): Promise<void> {
    try {
      await mutate(SetScopeApiMutation, { id, enabled });
      notify.done(`The API of ${name} is ${enabled ? 'on' : 'off'}`);
    } finally {
      dialogs.changed();
    }
  }

  /** Turns on immediately; asks before turning off, as running programs may stop. */
  async function turnApi(scope: ScopeRowFragment): Promise<void> {
    if (scope.apiEnabled) {
      dialogs.open({ kind: 'api-off', scope });
      return;
    }
    await switchApi(scope, true).catch((error: unknown) =>
      notify.failed(`The API of ${scope.name} is still off`, error),
    );
  }

  /** The row menu, with the actions that the user can take. */
  function menu(scope: ScopeRowFragment, withDetails = true): DropdownMenuItem[][] {
    const view: DropdownMenuItem[] = withDetails
      ? [
          {
            label: 'Details',
            icon: 'i-lucide-panel-right-open',
            onSelect: () => void router.push({ name: 'scope', params: { id: scope.id } }),
          },
        ]
      : [];
    const edit: DropdownMenuItem = {
      label: 'Edit',
      icon: 'i-lucide-pencil',
      onSelect: () => dialogs.open({ kind: 'edit', scope }),
    };
    const move: DropdownMenuItem = {
      label: 'Move',
      icon: 'i-lucide-folder-input',
      onSelect: () => dialogs.open({ kind: 'move', scope }),
    };
    const api: DropdownMenuItem = {
      label: scope.apiEnabled ? 'Switch API off' : 'Switch API on',
      icon: scope.apiEnabled ? 'i-lucide-circle-pause' : 'i-lucide-circle-play',
      onSelect: () => void turnApi(scope),
    };
    const remove: DropdownMenuItem = {
      label: 'Delete',
      icon: 'i-lucide-trash-2',
      color: 'error',
      onSelect: () => dialogs.open({ kind: 'delete', scope }),
    };
    const changes = mayChange(scope)
      ? [
          ...(withDetails ? [edit] : []),
          ...(scope.kind === 'CUSTOMER' ? [] : [move]),
          ...(hasApiSwitch(scope.kind) ? [api] : []),
        ]
      : [];
    return [view, changes, mayDelete(scope) ? [remove] : []].filter((group) => group.length);
  }

  return { menu, mayChange, switchApi, turnApi };
}
