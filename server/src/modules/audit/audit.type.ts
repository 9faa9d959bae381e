import { Field, ID, InputType, ObjectType } from 'type-graphql';
import type { Actor } from '../access/actor.js';
import { ActorType } from '../access/actor.type.js';
import { BigIntScalar } from '../scalars/big-int.js';
import { DateTimeRange } from '../scalars/date-time-range.input.js';
import { DateTimeScalar } from '../scalars/date-time.js';
import { NodeType, PageInfoType } from '../scalars/node.type.js';

/** One event of the audit log. */
@ObjectType('AuditEvent', {
  implements: NodeType,
  description: 'Who did what to which object, in a hash chain. Needs keywright.audit.read.',
})
export class AuditEventType extends NodeType {
  @Field(() => DateTimeScalar, { description: 'When.' })
  at!: Date;

  @Field(() => ActorType, { description: 'Who.' })
  actor!: Actor;

  @Field(() => String, { description: 'What was done, such as apiKey.create.' })
  action!: string;

  @Field(() => String, { description: 'Kind of the object, such as ApiKey.' })
  targetType!: string;

  @Field(() => ID, { nullable: true, description: 'Id of the object.' })
  targetId!: string | null;

  @Field(() => String, { nullable: true, description: 'Name of the object at the time.' })
  targetName!: string | null;

  @Field(() => String, { nullable: true, description: 'Address the request came from.' })
  ip!: string | null;

  @Field(() => String, { description: 'SHA-256 over this event and the hash before it, in hex.' })
  hash!: string;

  @Field(() => String, { description: 'Hash of the event before; zeros for the first.' })
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

  @Field(() => PageInfoType, { description: 'Where the page lies in the list.' })
  pageInfo!: PageInfoType;
}

/** What a walk over the hash chain found. */
@ObjectType('AuditVerification', { description: 'What a walk over the whole hash chain found.' })
export class AuditVerificationType {
  @Field(() => Boolean, { description: 'Whether every hash and every link holds, to the end of the log.' })
  intact!: boolean;

  @Field(() => BigIntScalar, { description: 'Number of events checked.' })
  checked!: number;

  @Field(() => BigIntScalar, {
    description: 'Number of events that the retention has removed from the beginning of the log.',
  })
  removedCount!: number;

  @Field(() => ID, { nullable: true, description: 'The first event whose hash or link does not hold.' })
  firstBrokenId!: string | null;
}

/** Which events to list. */
@InputType('AuditFilter', { description: 'Which events to list; all members must match.' })
export class AuditFilterInput {
  @Field(() => ID, { nullable: true, description: 'Events by this user or key.' })
  actorId?: string | null;

  @Field(() => String, { nullable: true, description: 'Events of this action.' })
  action?: string | null;

  @Field(() => String, { nullable: true, description: 'Events on objects of this kind.' })
  targetType?: string | null;

  @Field(() => ID, { nullable: true, description: 'Events on this object.' })
  targetId?: string | null;

  @Field(() => DateTimeRange, { nullable: true, description: 'Events in this time.' })
  at?: DateTimeRange | null;
}
