import type { DataSource } from 'typeorm';
import type { Clock } from '../../core/clock.js';
import type { Module } from '../access/decide/module.js';
import { authorizeReach, type RequestContext } from '../access/decide/principal.js';
import type { KeyStore } from '../keys/key-store.js';
import { PostgresRequestLogStore } from './request-log-store.postgres.js';
import {
  KeyRequestLogResolver,
  RequestLogConnectionResolver,
  RequestLogResolver,
} from './request-log.resolver.js';

export interface RequestLogsDeps {
  /** A separate pool: searches can take long and must not keep others from the database. */
  readonly dataSource: DataSource;
  readonly monotonicClock: Clock;
  readonly keys: KeyStore;
}

/** Reads and searches the request log. */
export function createRequestLogs({ dataSource, monotonicClock, keys }: RequestLogsDeps) {
  const store = new PostgresRequestLogStore(dataSource, monotonicClock);
  return {
    resolvers: [
      new KeyRequestLogResolver(store),
      new RequestLogConnectionResolver(store),
      new RequestLogResolver(store, keys),
    ],
    nodes: {
      req: async (context: RequestContext, id: string) =>
        store.find(id, authorizeReach(context, 'keywright.logs.read')),
    },
  } satisfies Module;
}
