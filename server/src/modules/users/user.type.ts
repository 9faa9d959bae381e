import { Field, Int, ObjectType, registerEnumType } from 'type-graphql';
import { NodeType } from '../graphql-types/node.type.js';
import { DateTimeScalar } from '../scalars/date-time.js';

/** Status of a user as a GraphQL enum. */
export const UserStatusEnum = { INVITED: 'INVITED', ACTIVE: 'ACTIVE', DISABLED: 'DISABLED' } as const;
registerEnumType(UserStatusEnum, {
  name: 'UserStatus',
  description: 'Status of a user.',
  valuesConfig: {
    INVITED: { description: 'Invited, but no password chosen yet.' },
    ACTIVE: { description: 'Can sign in.' },
    DISABLED: { description: 'Cannot sign in.' },
  },
});

/** A person who signs in. */
@ObjectType('User', { implements: NodeType, description: 'A person who signs in.' })
export class UserType extends NodeType {
  @Field(() => String, { description: 'E-mail address, unique, case-insensitive.' })
  email!: string;

  @Field(() => String, { description: 'Display name.' })
  name!: string;

  @Field(() => Boolean, { description: 'Whether this user can sign in.' })
  enabled!: boolean;

  @Field(() => Boolean, { description: 'Whether the user signs in through the identity provider.' })
  external!: boolean;

  @Field(() => DateTimeScalar, { description: 'When the user was created.' })
  createdAt!: Date;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When the user last signed in.' })
  lastSignInAt!: Date | null;

  @Field(() => Int, {
    description:
      'Incremented when the name, address, state or grants change, but not by sign-ins, passwords, preferences or the groups of an identity provider. Pass it as expectedVersion.',
  })
  version!: number;
}
