import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from '@apollo/client/core';
import { ErrorLink } from '@apollo/client/link/error';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { OperationTypeNode } from 'graphql';
import { createClient } from 'graphql-ws';
import { tap } from 'rxjs';
import { BASE_PATH } from '../lib/base-path.js';
import { connection } from './connection.js';
import { errorCode, isNetworkError } from './errors.js';

/** Handlers that the application sets once its router and session exist. */
export const clientEvents = { onUnauthenticated: () => {} };

const socketUrl = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${BASE_PATH}graphql`;

/** The WebSocket for subscriptions; opened by the first one and reconnected indefinitely. */
export const socket = createClient({
  url: socketUrl,
  lazy: true,
  retryAttempts: Number.POSITIVE_INFINITY,
  shouldRetry: () => true,
  retryWait: (retries) =>
    new Promise((resolve) =>
      setTimeout(resolve, Math.min(500 * 2 ** retries, 10_000) * (0.8 + Math.random() * 0.4)),
    ),
  on: {
    connected: () => connection.socketOpened(),
    closed: () => connection.socketClosed(),
  },
});

const errorLink = new ErrorLink(({ error, operation }) => {
  if (isNetworkError(error)) connection.lost();
  else if (errorCode(error) === 'UNAUTHENTICATED' && !operation.getContext()['allowAnonymous']) {
    clientEvents.onUnauthenticated();
  }
});

const reachableLink = new ApolloLink((operation, forward) =>
  forward(operation).pipe(tap(() => connection.restored())),
);

const http = new HttpLink({ uri: `${BASE_PATH}graphql`, credentials: 'same-origin' });

/** The shared Apollo Client: queries and mutations over HTTP, subscriptions over the WebSocket. */
export const client = new ApolloClient({
  link: ApolloLink.from([
    errorLink,
    reachableLink,
    ApolloLink.split(
      (operation) => operation.operationType === OperationTypeNode.SUBSCRIPTION,
      new GraphQLWsLink(socket),
      http,
    ),
  ]),
  cache: new InMemoryCache({
    typePolicies: {
      UsageTotals: { merge: true },
      Viewer: { merge: true },
      Permission: { keyFields: ['name'] },
    },
  }),
  devtools: { enabled: import.meta.env.DEV },
});
