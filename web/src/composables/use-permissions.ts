import { computed } from 'vue';
import { useQuery } from '../apollo/use-query.js';
import { PermissionsQuery } from '../operations/keys.js';

/** The permission catalog, with a label for each name. */
export function usePermissions() {
  const { data, error, refetch } = useQuery(PermissionsQuery, {}, { fetchPolicy: 'cache-first' });
  const catalog = computed(() => data.value?.permissions ?? []);
  const labels = computed(() => new Map(catalog.value.map(({ name, label }) => [name, label])));
  return { catalog, labels, error, refetch };
}
