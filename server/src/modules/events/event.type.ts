import type { Environment } from '@keywright/schema/environment';
import { Field, ID, Int, ObjectType } from 'type-graphql';
import type { Actor } from '../access/decide/actor.js';
import { ActorType } from '../access/decide/actor.type.js';
import { NodeType, PageInfoType } from '../graphql-types/node.type.js';
import { DateTimeScalar } from '../scalars/date-time.js';
import { JsonScalar, type Json } from '../scalars/json.js';
import { EnvironmentEnum } from '../graphql-types/environment.type.js';

/** Something that happened. */
@ObjectType('Event', {
  implements: NodeType,
  description:
    'Something that happened, recorded in the same transaction. Needs keywright.events.read at its scope, and the permission that its object needs (see EventType.permission).',
})
export class EventGraphQLType extends NodeType {
  @Field(() => DateTimeScalar, { description: 'When it happened.' })
  at!: Date;

  @Field(() => String, {
    description: 'What happened, such as api_key.revoked. The query eventTypes lists all types.',
  })
  type!: string;

  @Field(() => ActorType, { description: 'Who caused it.' })
  actor!: Actor;

  @Field(() => EnvironmentEnum, {
    nullable: true,
    description: 'Environment of the key; null for objects that belong to none.',
  })
  environment!: Environment | null;

  @Field(() => String, { description: 'Kind of the object, such as ApiKey.' })
  subjectType!: string;

  @Field(() => ID, { nullable: true, description: 'ID of the object.' })
  subjectId!: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'Where a subscription continues after this event: pass it as `after`. Null outside of subscriptions.',
  })
  cursor!: string | null;
}

/** An event with its cursor. */
@ObjectType('EventEdge', { description: 'An event with its cursor in a list.' })
export class EventEdge {
  @Field(() => String, { description: 'Cursor of this event in the list.' })
  cursor!: string;

  @Field(() => EventGraphQLType, { description: 'The event.' })
  node!: EventGraphQLType;
}

/** A page of events, newest first. */
@ObjectType('EventConnection', { description: 'A page of events, newest first.' })
export class EventConnection {
  @Field(() => [EventEdge], { description: 'Events with their cursors.' })
  edges!: EventEdge[];

  @Field(() => [EventGraphQLType], { description: 'The events alone.' })
  nodes!: EventGraphQLType[];

  @Field(() => PageInfoType, { description: 'Position of the page in the list.' })
  pageInfo!: PageInfoType;
}

/** A type of event. */
@ObjectType('EventType', { description: 'A type of event.' })
export class EventTypeType {
  @Field(() => String, { description: 'Name, such as api_key.created.' })
  name!: string;

  @Field(() => String, { description: 'What such an event reports.' })
  description!: string;

  @Field(() => JsonScalar, { description: 'An example of `Event.data`.' })
  example!: Json;

  @Field(() => Int, { description: 'Version of the payload; it grows when a change could break a receiver.' })
  version!: number;

  @Field(() => String, {
    description: 'Permission that the object of such an event needs, besides keywright.events.read.',
  })
  permission!: string;
}
