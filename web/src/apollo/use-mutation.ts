import { ref } from 'vue';
import type { OperationVariables, TypedDocumentNode } from '@apollo/client/core';
import { client } from './client.js';

interface MutationOptions {
  /** `no-cache` for anything that carries a secret. */
  fetchPolicy?: 'network-only' | 'no-cache';
  /** Sign-in and set-up: an UNAUTHENTICATED answer is shown in place, not turned into a redirect. */
  allowAnonymous?: boolean;
}

/** Runs a mutation; `run` rejects with the error, and `loading` disables the button meanwhile. */
export function useMutation<Data, Variables extends OperationVariables>(
  mutation: TypedDocumentNode<Data, Variables>,
  options: MutationOptions = {},
) {
  const loading = ref(false);

  async function run(variables: Variables): Promise<Data> {
    loading.value = true;
    try {
      const result = await client.mutate<Data, Variables>({
        mutation,
        variables,
        fetchPolicy: options.fetchPolicy ?? 'network-only',
        context: { allowAnonymous: options.allowAnonymous ?? false },
      } as never);
      return result.data as Data;
    } finally {
      loading.value = false;
    }
  }

  return { run, loading };
}
