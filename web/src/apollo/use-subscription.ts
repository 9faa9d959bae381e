import { onScopeDispose, toValue, watch, type MaybeRefOrGetter } from 'vue';
import type { OperationVariables, TypedDocumentNode } from '@apollo/client/core';
import type { Subscription } from 'rxjs';
import { client } from './client.js';

/** Delays before retrying a subscription that the server ended with an error, in milliseconds. */
const RETRY_MILLISECONDS = 5_000;

/**
 * Subscribes while the component is mounted, and again when the variables change; null variables pause it. With `network-only`,
 * results also update the cache. The socket itself restores lost connections; server errors are retried here.
 */
export function useSubscription<Data, Variables extends OperationVariables>(
  query: TypedDocumentNode<Data, Variables>,
  variables: MaybeRefOrGetter<Variables | null>,
  onData: (data: Data) => void,
  options: { fetchPolicy?: 'no-cache' | 'network-only' } = {},
): void {
  let subscription: Subscription | undefined;
  let retry: ReturnType<typeof setTimeout> | undefined;

  function stop(): void {
    clearTimeout(retry);
    subscription?.unsubscribe();
    subscription = undefined;
  }

  function start(): void {
    stop();
    const current = toValue(variables);
    if (current === null) return;
    const again = () => {
      retry = setTimeout(start, RETRY_MILLISECONDS);
    };
    subscription = client
      .subscribe<Data, Variables>({
        query,
        variables: current,
        fetchPolicy: options.fetchPolicy ?? 'no-cache',
      } as never)
      .subscribe({
        next: (result) => (result.error ? again() : result.data && onData(result.data as Data)),
        error: again,
      });
  }

  watch(() => JSON.stringify(toValue(variables)), start, { immediate: true });
  onScopeDispose(stop);
}
