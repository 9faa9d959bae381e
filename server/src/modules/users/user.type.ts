import { Field, ObjectType } from 'type-graphql';
import { NodeType } from '../scalars/node.type.js';
import { DateTimeScalar } from '../scalars/date-time.js';

/** A person who signs in. */
@ObjectType('User', { implements: NodeType, description: 'A person who signs in.' })
export class UserType extends NodeType {
  @Field(() => String, { description: 'E-mail address, unique without regard to case.' })
  email!: string;

  @Field(() => String, { description: 'Name for people.' })
  name!: string;

  @Field(() => Boolean, { description: 'Whether this user may sign in.' })
  enabled!: boolean;

  @Field(() => DateTimeScalar, { description: 'When the user was created.' })
  createdAt!: Date;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When the user signed in last.' })
  lastSignInAt!: Date | null;
}
