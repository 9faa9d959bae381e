import { DAY_MS } from '../../core/clock.js';
import { ID_PREFIXES, isId } from '../../core/id.js';
import type { LiveBus } from '../../core/live-bus.js';
import type { Module, ModuleDeps } from '../access/decide/module.js';
import { authorize, type RequestContext } from '../access/decide/principal.js';
import { EVENT_DAYS } from './event.js';
import { EventStore } from './event-store.postgres.js';
import { EVENTS_PERMISSION, eventVisibility } from './event-visibility.js';
import { EventFieldsResolver, EventResolver } from './event.resolver.js';
import { FOLLOWED_EVENTS, FollowedEvents, type FollowRequest } from './followed-events.js';
import { EVENT_TOPIC, LiveEvents } from './live-events.js';

export interface EventsDeps extends ModuleDeps {
  readonly bus: LiveBus;
}

/** Events that can be listed and followed. */
export function createEvents({ dataSource, clock, directory, bus, log }: EventsDeps) {
  const store = new EventStore(dataSource);
  const live = new LiveEvents(store, bus, log);
  bus.serve(FOLLOWED_EVENTS, (request) => {
    const deps = { source: store, clock, live: bus.subscribe(EVENT_TOPIC), ready: () => live.ready() };
    return new FollowedEvents(deps, request as FollowRequest);
  });
  return {
    resolvers: [new EventFieldsResolver(directory), new EventResolver(store)],
    nodes: {
      evt: async (context: RequestContext, id: string) => {
        const { access } = authorize(context, EVENTS_PERMISSION);
        return isId(ID_PREFIXES.event, id) ? store.find(id, eventVisibility(access)) : null;
      },
    },
    tidy: () => store.removeBefore(new Date(clock.now() - EVENT_DAYS * DAY_MS)),
    /** Something was committed: subscribers hear of it at once. */
    wake: () => live.wake(),
    close: () => live.close(),
  } satisfies Module & { wake: () => void };
}
