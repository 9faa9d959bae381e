import { Field, ID, InputType, ObjectType } from 'type-graphql';
import type { Actor } from '../access/decide/actor.js';
import { ActorType } from '../access/decide/actor.type.js';
import { BigIntScalar } from '../scalars/big-int.js';
import { DateTimeRange } from '../graphql-types/date-time-range.input.js';
import { DateTimeScalar } from '../scalars/date-time.js';
import { NodeType, PageInfoType } from '../graphql-types/node.type.js';

/** One event of the audit log. */
@ObjectType('AuditEvent', {
  implements: NodeType,
  description: 'Who did what to which object; part of a hash chain. Needs keywright.audit.read.',
})
export class AuditEventType extends NodeType {
  @Field(() => DateTimeScalar, { description: 'Time of the event.' })
  at!: Date;

  @Field(() => ActorType, { description: 'Who acted.' })
  actor!: Actor;

  @Field(() => String, {
    description:
      'Type of the event, such as api_key.created. Events that an earlier version recorded are shown with current types.',
  })
  action!: string;

  @Field(() => String, { description: 'Kind of the object, such as ApiKey.' })
  targetType!: string;

  @Field(() => ID, { nullable: true, description: 'ID of the object.' })
  targetId!: string | null;

  @Field(() => String, { nullable: true, description: 'Name of the object at the time of the event.' })
  targetName!: string | null;

  @Field(() => String, { nullable: true, description: 'IP address of the request.' })
  ip!: string | null;

  @Field(() => String, { description: 'SHA-256 of this event and the previous hash, in hex.' })
  hash!: string;

  @Field(() => String, { description: 'Hash of the previous event; zeros for the first.' })
  previousHash!: string;
}

/** An event with its cursor. */
@ObjectType('AuditEventEdge', { description: 'An event with its cursor.' })
export class AuditEventEdge {
  @Field(() => String, { description: 'Cursor of this event.' })
  cursor!: string;

  @Field(() => AuditEventType, { description: 'The event.' })
  node!: AuditEventType;
}

/** A page of events, newest first. */
@ObjectType('AuditEventConnection', { description: 'A page of events, newest first.' })
export class AuditEventConnection {
  @Field(() => [AuditEventEdge], { description: 'Events with their cursors.' })
  edges!: AuditEventEdge[];

  @Field(() => [AuditEventType], { description: 'The events alone.' })
  nodes!: AuditEventType[];

  @Field(() => PageInfoType, { description: 'Position of the page in the list.' })
  pageInfo!: PageInfoType;
}

/** Result of walking the hash chain. */
@ObjectType('AuditVerification', { description: 'Result of verifying the whole hash chain.' })
export class AuditVerificationType {
  @Field(() => Boolean, { description: 'Whether every hash and link is valid to the end of the log.' })
  intact!: boolean;

  @Field(() => BigIntScalar, { description: 'Number of events checked.' })
  checked!: number;

  @Field(() => BigIntScalar, {
    description: 'Number of events removed from the beginning of the log by retention.',
  })
  removedCount!: number;

  @Field(() => ID, { nullable: true, description: 'The first event whose hash or link is invalid.' })
  firstBrokenId!: string | null;
}

/** Which events to list. */
@InputType('AuditFilter', { description: 'Which events to list; all fields must match.' })
export class AuditFilterInput {
  @Field(() => ID, { nullable: true, description: 'Events by this user or key.' })
  actorId?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Events of this type, such as api_key.created. Names of earlier versions still work.',
  })
  action?: string | null;

  @Field(() => String, { nullable: true, description: 'Events on objects of this kind.' })
  targetType?: string | null;

  @Field(() => ID, { nullable: true, description: 'Events on this object.' })
  targetId?: string | null;

  @Field(() => DateTimeRange, { nullable: true, description: 'Events in this time range.' })
  at?: DateTimeRange | null;
}
