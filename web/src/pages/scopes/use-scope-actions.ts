import type { DropdownMenuItem } from '@nuxt/ui';
import { useRouter } from 'vue-router';
import { mutate } from '../../apollo/mutate.js';
import { confirm } from '../../components/confirm.js';
import { useAccess } from '../../composables/use-access.js';
import { useNotify } from '../../composables/use-notify.js';
import type { ScopeRowFragment } from '../../gql/graphql.js';
import { MENU } from '../../lib/menu.js';
import { formatCount } from '../../lib/number.js';
import { MANAGE_ACCESS } from '../../lib/permissions.js';
import { hasApiSwitch, SCOPE_KINDS, scopeAbove } from '../../lib/scopes.js';
import { DeleteScopeMutation, SetScopeApiMutation } from '../../operations/scopes.js';
import { scopeDialogs } from './scope-dialogs.js';

/** Actions on a scope, immediate or in a dialog. */
export function useScopeActions() {
  const router = useRouter();
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
      scopeDialogs.changed();
    }
  }

  /** Turns on immediately; asks before turning off, as running programs may stop. */
  async function turnApi(scope: ScopeRowFragment): Promise<void> {
    const { name, serviceAccountCount: count } = scope;
    if (scope.apiEnabled) {
      confirm({
        title: `Turn off the API of “${name}”`,
        description: `The keys of ${count === 1 ? '1 service account' : `${formatCount(count)} service accounts`} here and below will be rejected immediately. Everything is kept, and you can turn it on again at any time.`,
        submitLabel: 'Turn off',
        danger: true,
        send: () => switchApi(scope, false),
      });
      return;
    }
    await switchApi(scope, true).catch((error: unknown) =>
      notify.failed(`The API of ${name} is still off`, error),
    );
  }

  const remove = (scope: ScopeRowFragment): void =>
    confirm({
      title: `Delete “${scope.name}”`,
      description: `Only ${SCOPE_KINDS[scope.kind].any} with nothing in it can be deleted. This cannot be undone; the audit trail stays.`,
      submitLabel: 'Delete',
      danger: true,
      send: async () => {
        const { id, name } = scope;
        await mutate(DeleteScopeMutation, { id });
        notify.done(`${name} deleted`);
        // From the page of the deleted scope, go to its parent.
        const here = router.currentRoute.value;
        if (here.name === 'scope' && here.params['id'] === id) {
          const above = scopeAbove(scope);
          await router.replace(
            above && above.kind !== 'ROOT'
              ? { name: 'scope', params: { id: above.id } }
              : { name: 'customers' },
          );
        }
        scopeDialogs.changed();
      },
    });

  /** The row menu, with the actions that the user can take. */
  function menu(scope: ScopeRowFragment, withDetails = true): DropdownMenuItem[][] {
    const details = {
      ...MENU.details,
      onSelect: () => void router.push({ name: 'scope', params: { id: scope.id } }),
    };
    const edit = { ...MENU.edit, onSelect: () => scopeDialogs.open('form', { kind: scope.kind, scope }) };
    const move = {
      label: 'Move',
      icon: 'i-lucide-folder-input',
      onSelect: () => scopeDialogs.open('move', { scope }),
    };
    const api = {
      ...MENU[scope.apiEnabled ? 'disable' : 'enable'],
      label: scope.apiEnabled ? 'Turn API off' : 'Turn API on',
      onSelect: () => void turnApi(scope),
    };
    const changes = mayChange(scope)
      ? [
          ...(withDetails ? [edit] : []),
          ...(scope.kind === 'CUSTOMER' ? [] : [move]),
          ...(hasApiSwitch(scope.kind) ? [api] : []),
        ]
      : [];
    return [
      withDetails ? [details] : [],
      changes,
      mayDelete(scope) ? [{ ...MENU.delete, onSelect: () => remove(scope) }] : [],
    ].filter((group) => group.length);
  }

  return { menu, mayChange, turnApi };
}
