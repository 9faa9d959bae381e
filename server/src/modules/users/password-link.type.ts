import { Field, ObjectType } from 'type-graphql';
import { DateTimeScalar } from '../scalars/date-time.js';

/** A link to choose a password. */
@ObjectType('PasswordLink', { description: 'A one-time link with which a user chooses a password.' })
export class PasswordLinkType {
  @Field(() => String, {
    nullable: true,
    description: 'Told only in the answer of the mutation that made the link.',
  })
  url?: string | null;

  @Field(() => DateTimeScalar, { description: 'When it stops working.' })
  expiresAt!: Date;

  @Field(() => Boolean, { description: 'Whether it was sent by e-mail as well.' })
  mailed!: boolean;
}
