import { Field, ID, ObjectType } from 'type-graphql';
import type { Actor } from '../access/actor.js';
import { ActorType } from '../access/actor.type.js';
import { DateTimeScalar } from '../scalars/date-time.js';

/** An invitation that nobody accepted yet. */
@ObjectType('Invitation', {
  description:
    'An invitation that nobody accepted yet: nobody holds what it grants. It does not say whether its receiver has an account.',
})
export class InvitationType {
  @Field(() => ID, { description: 'Public id.' })
  id!: string;

  @Field(() => String, { description: 'E-mail address of the receiver.' })
  email!: string;

  @Field(() => String, { description: 'Name of the receiver, as the issuer wrote it.' })
  name!: string;

  @Field(() => ActorType, {
    description: 'Who invited. The invitation works only while they could still grant all of this.',
  })
  issuer!: Actor;

  @Field(() => DateTimeScalar, { description: 'When it was created.' })
  createdAt!: Date;

  @Field(() => DateTimeScalar, { description: 'When it expires.' })
  expiresAt!: Date;

  @Field(() => Boolean, { description: 'Whether its link was sent by e-mail.' })
  mailed!: boolean;

  @Field(() => String, {
    nullable: true,
    description: 'The one-time link; told only in the answer of resendInvitation, which made it.',
  })
  url?: string | null;
}

/** One grant of an invitation, in words that need no access to anything else. */
@ObjectType('ReceivedGrant', { description: 'What an invitation grants, as its receiver sees it.' })
export class ReceivedGrantType {
  @Field(() => String, { nullable: true, description: 'Name of the role; null for single permissions.' })
  role!: string | null;

  @Field(() => [String], { description: 'The permissions, also those of the role.' })
  permissions!: readonly string[];

  @Field(() => String, { nullable: true, description: 'Name of the scope; null for the whole installation.' })
  scope!: string | null;
}

/** An invitation as the owner of its link sees it. */
@ObjectType('ReceivedInvitation', {
  description:
    'A pending invitation, as the owner of its link sees it. It does not say whether an account has this address.',
})
export class ReceivedInvitationType {
  @Field(() => String, { description: 'E-mail address that it is for.' })
  email!: string;

  @Field(() => String, { description: 'Name of the receiver, as the issuer wrote it.' })
  name!: string;

  @Field(() => String, { description: 'Who invited.' })
  issuerName!: string;

  @Field(() => DateTimeScalar, { description: 'When it expires.' })
  expiresAt!: Date;

  @Field(() => [ReceivedGrantType], { description: 'What accepting grants.' })
  grants!: ReceivedGrantType[];
}
