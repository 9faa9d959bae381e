import { computed, onScopeDispose, shallowRef, toValue, watch, type MaybeRefOrGetter, type Ref } from 'vue';
import {
  NetworkStatus,
  type ObservableQuery,
  type OperationVariables,
  type TypedDocumentNode,
  type WatchQueryFetchPolicy,
} from '@apollo/client/core';
import type { Subscription } from 'rxjs';
import { client } from './client.js';

/** What the frame of a page or list shows of a query. */
export interface QueryState {
  readonly error: Readonly<Ref<unknown>>;
  readonly loading: Readonly<Ref<boolean>>;
  readonly refetch: () => Promise<unknown>;
}

interface QueryOptions {
  fetchPolicy?: MaybeRefOrGetter<WatchQueryFetchPolicy>;
  enabled?: MaybeRefOrGetter<boolean>;
}

/** Watches a query: refetches when the variables change and follows the cache; stops when the component unmounts. */
export function useQuery<Data, Variables extends OperationVariables>(
  query: TypedDocumentNode<Data, Variables>,
  variables: MaybeRefOrGetter<Variables>,
  options: QueryOptions = {},
) {
  const data = shallowRef<Data>();
  const error = shallowRef<unknown>();
  const networkStatus = shallowRef(NetworkStatus.loading);
  let observable: ObservableQuery<Data, Variables> | undefined;
  let subscription: Subscription | undefined;

  function start(): void {
    subscription?.unsubscribe();
    observable = client.watchQuery<Data, Variables>({
      query,
      variables: toValue(variables),
      fetchPolicy: toValue(options.fetchPolicy) ?? 'cache-and-network',
      nextFetchPolicy: (current: WatchQueryFetchPolicy) =>
        current === 'no-cache' ? 'no-cache' : 'cache-first',
      notifyOnNetworkStatusChange: true,
    } as never) as unknown as ObservableQuery<Data, Variables>;
    subscription = observable.subscribe((result) => {
      networkStatus.value = result.networkStatus;
      error.value = result.error;
      // The last result stays on screen while the next one loads.
      if (result.dataState === 'complete') data.value = result.data as Data;
    });
  }

  watch(
    () => (toValue(options.enabled) === false ? null : JSON.stringify(toValue(variables))),
    (key) => {
      if (key !== null) start();
    },
    { immediate: true },
  );
  onScopeDispose(() => subscription?.unsubscribe());

  return {
    data,
    error,
    loading: computed(() => networkStatus.value < NetworkStatus.ready),
    /** Refetches from the server; failures go to `error`. */
    refetch: async (): Promise<void> => {
      await observable?.refetch().catch((cause: unknown) => {
        error.value = cause;
        networkStatus.value = NetworkStatus.error;
      });
    },
  };
}
