import { computed } from 'vue';
import { useDebounceFn } from '@vueuse/core';
import { useSession } from '../../stores/session.js';
import { useNotify } from '../../composables/use-notify.js';
import { KEYS_TABLE_PREFERENCE } from '../../lib/preferences.js';
import { defaultLayout, parseLayout, withoutColumn, type TableLayout } from './columns.js';

const SAVE_DELAY = 400;

/** The user's layout of the keys table: applied immediately, saved on the server shortly after. */
export function useTableLayout() {
  const session = useSession();
  const notify = useNotify();
  const layout = computed(() => {
    const kept = parseLayout(session.preferences[KEYS_TABLE_PREFERENCE]);
    return session.seesUsage ? kept : withoutColumn(kept, 'usage');
  });

  const save = useDebounceFn(
    () =>
      session
        .savePreference(KEYS_TABLE_PREFERENCE, layout.value)
        .catch((error: unknown) => notify.failed('The table layout was not kept', error)),
    SAVE_DELAY,
  );

  function change(next: TableLayout): void {
    if (!session.viewer) return;
    session.viewer = {
      ...session.viewer,
      preferences: { ...session.preferences, [KEYS_TABLE_PREFERENCE]: next },
    };
    void save();
  }

  return { layout, change, reset: () => change(defaultLayout()) };
}
