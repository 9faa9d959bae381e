import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { within } from '../eventually.js';
import { credentialHeaders, type Credential } from './graphql.js';

/** A live subscription over WebSocket. */
export interface Subscription<Data> {
  /** The next event; rejects after `timeoutMs` or if the server has ended the subscription. */
  next(timeoutMs?: number): Promise<Data>;
  /** Ends it and closes its connection. */
  close(): Promise<void>;
}

/** Subscribes with graphql-transport-ws; resolves once the connection is acknowledged. */
export async function subscribe<Data>(
  url: string,
  query: string,
  variables: Record<string, unknown> = {},
  credential: Credential = {},
): Promise<Subscription<Data>> {
  class Socket extends WebSocket {
    constructor(address: string, protocols?: string | string[]) {
      super(address, protocols, { headers: { origin: url, ...credentialHeaders(credential) } });
    }
  }
  let acknowledged!: () => void;
  let refused!: (reason: unknown) => void;
  const connected = new Promise<void>((resolve, reject) => {
    acknowledged = resolve;
    refused = reject;
  });
  const client = createClient({
    url: `${url.replace(/^http/, 'ws')}/graphql`,
    webSocketImpl: Socket,
    retryAttempts: 0,
    lazy: true,
    on: { connected: acknowledged, closed: refused },
  });
  const events = client.iterate<Data>({ query, variables });
  const first = events.next();
  first.catch(refused);
  await connected;
  let pending: Promise<IteratorResult<unknown>> | undefined = first;

  return {
    async next(timeoutMs = 10_000) {
      const event = pending ?? events.next();
      // Kept on timeout, so that a later call still gets the event.
      pending = event;
      const result = (await within(timeoutMs, event)) as IteratorResult<{ data?: Data; errors?: unknown }>;
      pending = undefined;
      if (result.done) throw new Error('The server ended the subscription.');
      if (!result.value.data)
        throw new Error(`The subscription failed: ${JSON.stringify(result.value.errors)}`);
      return result.value.data;
    },
    async close() {
      pending?.catch(() => undefined);
      await events.return?.();
      await client.dispose();
    },
  };
}
