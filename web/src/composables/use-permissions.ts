import { computed } from 'vue';
import { useQuery } from '../apollo/use-query.js';
import { PermissionsQuery } from '../operations/keys.js';

/** The permission catalogue, with a label for each name. */
export function usePermissions() {
  const { data, error, refetch } = useQuery(PermissionsQuery, {}, { fetchPolicy: 'cache-first' });
  const catalogue = computed(() => data.value?.permissions ?? []);
  const labels = computed(() => new Map(catalogue.value.map(({ name, label }) => [name, label])));
  return { catalogue, labels, error, refetch };
}
