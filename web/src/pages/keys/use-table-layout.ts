import { computed } from 'vue';
import { useDebounceFn } from '@vueuse/core';
import { useSession } from '../../stores/session.js';
import { useNotify } from '../../composables/use-notify.js';
import { defaultLayout, parseLayout, type TableLayout } from './columns.js';

const PREFERENCE = 'keysTable';
const SAVE_DELAY = 400;

/** One person's layout of the keys table: shown at once, kept on the server shortly after. */
export function useTableLayout() {
  const session = useSession();
  const notify = useNotify();
  const layout = computed(() => parseLayout(session.preferences[PREFERENCE]));

  const save = useDebounceFn(
    () =>
      session
        .savePreference(PREFERENCE, layout.value)
        .catch((error: unknown) => notify.failed('The table layout was not kept', error)),
    SAVE_DELAY,
  );

  function change(next: TableLayout): void {
    if (!session.viewer) return;
    session.viewer = { ...session.viewer, preferences: { ...session.preferences, [PREFERENCE]: next } };
    void save();
  }

  return { layout, change, reset: () => change(defaultLayout()) };
}
