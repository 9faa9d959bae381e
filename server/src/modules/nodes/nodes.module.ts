import type { Clock } from '../../core/clock.js';
import { Emitter } from '../../core/events.js';
import type { Queries } from '../../core/queries.js';
import type { Module } from '../access/decide/module.js';
import type { ChangeFeed } from '../replica/change-feed.js';
import { FeedPropagation } from './feed-propagation.js';
import { Heartbeat, type HeartbeatDeps } from './heartbeat.js';
import { PostgresProcessRegistry } from './process-registry.postgres.js';
import type { ProcessIdentity, ProcessRegistry } from './process-registry.js';
import { ProcessStatusResolver } from './process-status.resolver.js';

export interface NodesDeps {
  readonly queries: Queries;
  readonly feed: ChangeFeed;
  readonly identity: ProcessIdentity;
  readonly state: HeartbeatDeps['state'];
  readonly monotonicClock: Clock;
}

/** This process among the others on the same database. Its heartbeat follows the polls of the feed. */
export function joinNodes({ queries, feed, identity, state, monotonicClock }: NodesDeps) {
  const registry = new PostgresProcessRegistry(queries);
  const heartbeat = new Heartbeat({ feed, registry, identity, state, clock: monotonicClock });
  const applied = new Emitter<void>();
  return {
    registry,
    heartbeat,
    /** Emit it when another process may have applied a change. */
    applied,
    /** How far changes have come. */
    propagation: new FeedPropagation({
      feed,
      registry,
      heartbeat,
      wakes: applied,
      processId: identity.id,
      verifies: identity.role !== 'manage',
      clock: monotonicClock,
    }),
  };
}

/** The management side of running processes: how each of them stands. */
export const createNodes = (deps: { readonly registry: ProcessRegistry }) =>
  ({ resolvers: [new ProcessStatusResolver(deps.registry)] }) satisfies Module;
