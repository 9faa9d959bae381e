import { Field, ID, ObjectType } from 'type-graphql';
import type { Actor } from '../access/decide/actor.js';
import { ActorType } from '../access/decide/actor.type.js';
import { DateTimeScalar } from '../scalars/date-time.js';

/** An invitation that has not been accepted yet. */
@ObjectType('Invitation', {
  description:
    'An invitation that has not been accepted yet, so its grants are not in effect. It does not reveal whether its recipient has an account.',
})
export class InvitationType {
  @Field(() => ID, { description: 'Public ID.' })
  id!: string;

  @Field(() => String, { description: 'E-mail address of the recipient.' })
  email!: string;

  @Field(() => String, { description: 'Name of the recipient, as entered by the issuer.' })
  name!: string;

  @Field(() => ActorType, {
    description: 'Who sent the invitation. It works only while the issuer could still grant all of this.',
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
    description: 'The one-time link; returned only by resendInvitation, which creates it.',
  })
  url?: string | null;
}

/** One grant of an invitation, spelled out so that reading it needs no other access. */
@ObjectType('ReceivedGrant', { description: 'A grant of an invitation, as shown to its recipient.' })
export class ReceivedGrantType {
  @Field(() => String, { nullable: true, description: 'Name of the role; null for individual permissions.' })
  role!: string | null;

  @Field(() => [String], { description: 'The permissions, including those of the role.' })
  permissions!: readonly string[];

  @Field(() => String, { nullable: true, description: 'Name of the scope; null for the whole installation.' })
  scope!: string | null;
}

/** An invitation as shown to the holder of its link. */
@ObjectType('ReceivedInvitation', {
  description:
    'A pending invitation, as shown to the holder of its link. It does not reveal whether an account has this address.',
})
export class ReceivedInvitationType {
  @Field(() => String, { description: 'E-mail address of the recipient.' })
  email!: string;

  @Field(() => String, { description: 'Name of the recipient, as entered by the issuer.' })
  name!: string;

  @Field(() => String, { description: 'Name of the issuer.' })
  issuerName!: string;

  @Field(() => DateTimeScalar, { description: 'When it expires.' })
  expiresAt!: Date;

  @Field(() => [ReceivedGrantType], { description: 'Grants received on acceptance.' })
  grants!: ReceivedGrantType[];
}
