import { computed } from 'vue';
import { useQuery } from '../apollo/use-query.js';
import { RolesQuery } from '../operations/access.js';

/** All roles, built-in ones first. */
export function useRoles() {
  const { data } = useQuery(RolesQuery, {});
  const roles = computed(() => data.value?.roles ?? []);
  return { roles };
}
