import { ref } from 'vue';
import type { OperationVariables, TypedDocumentNode } from '@apollo/client/core';
import { mutate, type Answered, type MutateOptions } from './mutate.js';

/** Runs a mutation; `run` rejects with the error, and `loading` disables the button while it runs. */
export function useMutation<Data, Variables extends OperationVariables>(
  mutation: TypedDocumentNode<Data, Variables>,
  options: MutateOptions = {},
) {
  const loading = ref(false);

  async function run(variables: Variables): Promise<Answered<Data>> {
    loading.value = true;
    try {
      return await mutate(mutation, variables, options);
    } finally {
      loading.value = false;
    }
  }

  return { run, loading };
}
