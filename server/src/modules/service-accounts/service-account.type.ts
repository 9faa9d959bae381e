import { Field, Int, ObjectType } from 'type-graphql';
import type { Actor } from '../access/decide/actor.js';
import { ActorType } from '../access/decide/actor.type.js';
import { DateTimeScalar } from '../scalars/date-time.js';
import { NodeType, PageInfoType } from '../graphql-types/node.type.js';

/** A name, grants, and any number of keys that inherit them. */
@ObjectType('ServiceAccount', {
  implements: NodeType,
  description:
    'A name, grants, and any number of keys that inherit the grants. Visible to anyone who holds keywright.keys.read or keywright.access.manage at its scope.',
})
export class ServiceAccountType extends NodeType {
  @Field(() => String, { description: 'Unique at its scope; 1 to 50 characters.' })
  name!: string;

  @Field(() => String, {
    nullable: true,
    description: 'Purpose of the service account; up to 1,000 characters.',
  })
  description!: string | null;

  @Field(() => DateTimeScalar, { description: 'When it was created.' })
  createdAt!: Date;

  @Field(() => ActorType, { description: 'Who created it.' })
  createdBy!: Actor;

  @Field(() => Boolean, { description: 'If false, its keys are rejected with KEY_DISABLED.' })
  enabled!: boolean;

  @Field(() => Int, {
    description:
      'Incremented when the service account or its grants change, but not by its keys or by changes of roles or scopes. Pass it as expectedVersion.',
  })
  version!: number;
}

/** A service account with its cursor. */
@ObjectType('ServiceAccountEdge', { description: 'A service account with its cursor.' })
export class ServiceAccountEdge {
  @Field(() => String, { description: 'Cursor of this service account.' })
  cursor!: string;

  @Field(() => ServiceAccountType, { description: 'The service account.' })
  node!: ServiceAccountType;
}

/** A page of service accounts. */
@ObjectType('ServiceAccountConnection', { description: 'A page of service accounts, by name.' })
export class ServiceAccountConnection {
  @Field(() => [ServiceAccountEdge], { description: 'Service accounts with their cursors.' })
  edges!: ServiceAccountEdge[];

  @Field(() => [ServiceAccountType], { description: 'The service accounts alone.' })
  nodes!: ServiceAccountType[];

  @Field(() => PageInfoType, { description: 'Position of the page in the list.' })
  pageInfo!: PageInfoType;
}
