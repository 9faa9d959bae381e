import { computed } from 'vue';
import { useRoute } from 'vue-router';
import { isWithin, type NavGroup, type NavLink } from '../lib/navigation.js';
import { useSession } from '../stores/session.js';

/** The pages available to the user, and the current one. */
export function useNavigation() {
  const session = useSession();
  const route = useRoute();

  const entries = computed(() => session.navigation);

  /** The value of `aria-current` for a link to the current page or one of its ancestors. */
  const current = ({ to }: NavLink): 'page' | 'true' | undefined => {
    if (route.path === to) return 'page';
    return isWithin(route.path, to) ? 'true' : undefined;
  };
  const holdsCurrent = (group: NavGroup): boolean => group.links.some((link) => current(link));

  return { entries, current, holdsCurrent };
}
