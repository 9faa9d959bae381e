import { Field, Int, ObjectType, registerEnumType } from 'type-graphql';
import { NodeType } from '../scalars/node.type.js';
import { DateTimeScalar } from '../scalars/date-time.js';

/** How far a user has come, as a GraphQL enum. */
export const UserStatusEnum = { INVITED: 'INVITED', ACTIVE: 'ACTIVE', DISABLED: 'DISABLED' } as const;
registerEnumType(UserStatusEnum, {
  name: 'UserStatus',
  description: 'How far a user has come.',
  valuesConfig: {
    INVITED: { description: 'Invited, and no password chosen yet.' },
    ACTIVE: { description: 'May sign in.' },
    DISABLED: { description: 'May not sign in.' },
  },
});

/** A person who signs in. */
@ObjectType('User', { implements: NodeType, description: 'A person who signs in.' })
export class UserType extends NodeType {
  @Field(() => String, { description: 'E-mail address, unique without regard to case.' })
  email!: string;

  @Field(() => String, { description: 'Name for people.' })
  name!: string;

  @Field(() => Boolean, { description: 'Whether this user may sign in.' })
  enabled!: boolean;

  @Field(() => Boolean, { description: 'Whether the user signs in through the identity provider.' })
  external!: boolean;

  @Field(() => DateTimeScalar, { description: 'When the user was created.' })
  createdAt!: Date;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When the user signed in last.' })
  lastSignInAt!: Date | null;

  @Field(() => Int, {
    description:
      'Grows when name, address, state or grants change; not by signing in, passwords or preferences, nor by the groups of an identity provider. Pass it as expectedVersion.',
  })
  version!: number;
}
