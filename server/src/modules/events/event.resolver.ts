import { EVENT_TYPES, EVENTS } from '@keywright/schema/event-types';
import { Arg, Ctx, FieldResolver, Int, Query, Resolver, Root, Subscription } from 'type-graphql';
import { DAY_MS, systemClock } from '../../core/clock.js';
import { badInput } from '../../core/errors.js';
import type { Directory } from '../access/decide/directory.js';
import { filterableScope, seesScope } from '../access/decide/grant.js';
import { authorize, requirePrincipal, type RequestContext } from '../access/decide/principal.js';
import { toConnection } from '../graphql-types/connection.js';
import { JsonScalar } from '../scalars/json.js';
import { ROOT_SCOPE, type Scope } from '../scopes/tree/scope.js';
import { ScopeType } from '../scopes/tree/scope.type.js';
import { decodeEventCursor, type EventCursor } from './event-cursor.js';
import { exampleOf } from './event-examples.js';
import type { EventStore } from './event-store.postgres.js';
import { typesNamed } from './event-types.js';
import { EventFilterInput } from './event.input.js';
import { EVENT_DAYS, eventData, type Event } from './event.js';
import { EventConnection, EventGraphQLType, EventTypeType } from './event.type.js';
import { EVENTS_PERMISSION, eventVisibility, permissionOf, seesEvent } from './event-visibility.js';
import { FOLLOWED_EVENTS, type FollowedEvent, type FollowRequest } from './followed-events.js';
import { showChanges } from './shown-changes.js';

/** Version of all payloads so far. */
const VERSION = 1;

/** Fields of an event, limited to what the viewer can see. */
@Resolver(() => EventGraphQLType)
export class EventFieldsResolver {
  constructor(private readonly directory: Directory) {}

  @FieldResolver(() => ScopeType, {
    description: 'Scope of the object; once it is deleted, the nearest one above it that is left.',
  })
  scope(@Root() { scopeId, scopePath }: Event): Scope {
    const { tree } = this.directory;
    const left = (scopePath ?? []).flatMap((id) => tree.get(id) ?? []);
    const deepest = left.toSorted((a, b) => tree.pathOf(b.id).length - tree.pathOf(a.id).length)[0];
    return tree.get(scopeId) ?? deepest ?? tree.get(ROOT_SCOPE.id)!;
  }

  @FieldResolver(() => JsonScalar, {
    description:
      'ID and name of the object, its environment and scope, the changed fields with their values, who caused it, the change token, and in `previousAttributes` the values before. Never contains a secret. Scopes that the caller cannot see are left out.',
  })
  data(@Root() event: Event, @Ctx() context: RequestContext): unknown {
    const { access } = requirePrincipal(context);
    const changes = showChanges(event.changes, this.directory, access) as Event['changes'];
    const data = eventData(event, changes);
    return seesScope(access, event.scopeId) ? data : { ...data, scopeId: null };
  }
}

interface Heard {
  readonly args: { readonly types?: readonly string[] | null; readonly after?: string | null };
  readonly context: RequestContext;
}

function startAfter(text: string | null | undefined): EventCursor | null {
  if (text == null) return null;
  const cursor = decodeEventCursor(text);
  if (cursor.atMs >= systemClock.now() - EVENT_DAYS * DAY_MS) return cursor;
  const message = `Events are kept for ${EVENT_DAYS} days, and this cursor is older. Start again without it.`;
  throw badInput([{ path: 'after', message }]);
}

/** Lists and describes events, and subscribes to them. */
@Resolver()
export class EventResolver {
  constructor(private readonly store: EventStore) {}

  @Query(() => EventConnection, {
    description:
      'Events of the last 30 days, newest first: those at scopes where the caller holds keywright.events.read and the permission that the object needs.',
  })
  async events(
    @Ctx() context: RequestContext,
    @Arg('filter', () => EventFilterInput, { nullable: true }) filter: EventFilterInput | null,
    @Arg('first', () => Int, { nullable: true }) first: number | null,
    @Arg('after', () => String, { nullable: true }) after: string | null,
    @Arg('last', () => Int, { nullable: true }) last: number | null,
    @Arg('before', () => String, { nullable: true }) before: string | null,
  ): Promise<unknown> {
    const { access } = authorize(context, EVENTS_PERMISSION);
    const wanted = { ...filter, scopeId: filterableScope(access, filter?.scopeId) };
    const types = typesNamed(filter?.types, 'filter.types');
    const page = { first, after, last, before };
    return toConnection(await this.store.list(wanted, types, page, eventVisibility(access)));
  }

  @Query(() => [EventTypeType], {
    description:
      'Every type of event, with an example of its data. Needs keywright.events.read at any scope.',
  })
  eventTypes(@Ctx() context: RequestContext): EventTypeType[] {
    authorize(context, EVENTS_PERMISSION);
    return EVENT_TYPES.map((name) => ({
      name,
      description: EVENTS[name],
      example: exampleOf(name),
      version: VERSION,
      permission: permissionOf(name)!,
    }));
  }

  @Subscription(() => EventGraphQLType, {
    topics: ({ context, args }: Heard) => {
      authorize(context, EVENTS_PERMISSION);
      typesNamed(args.types, 'types');
      startAfter(args.after);
      return FOLLOWED_EVENTS;
    },
    topicId: ({ context, args }: Heard): FollowRequest => {
      const { access } = requirePrincipal(context);
      const types = typesNamed(args.types, 'types');
      const visibility = eventVisibility(access);
      return {
        after: startAfter(args.after),
        wants: (event) => (types?.includes(event.type) ?? true) && seesEvent(visibility, event),
      };
    },
    description:
      'Events as they are committed, in an order without gap or double: those at scopes where the caller holds keywright.events.read and the permission that the object needs. A client that reconnects passes the `cursor` of the last event as `after`, for up to 30 days.',
  })
  event(
    @Root() event: FollowedEvent,
    @Arg('types', () => [String], {
      nullable: true,
      description: 'Only events of these types; `api_key.*` stands for all types of keys. At most 100.',
    })
    _types: string[] | null,
    @Arg('after', () => String, {
      nullable: true,
      description: 'The cursor of an event, to get those after it first. Absent: only events from now on.',
    })
    _after: string | null,
  ): FollowedEvent {
    return event;
  }
}
