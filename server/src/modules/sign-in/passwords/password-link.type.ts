import { Field, ObjectType } from 'type-graphql';
import { DateTimeScalar } from '../../scalars/date-time.js';

/** A link to choose a password. */
@ObjectType('PasswordLink', { description: 'A one-time link for a user to choose a password.' })
export class PasswordLinkType {
  @Field(() => String, {
    nullable: true,
    description: 'Returned only by the mutation that created the link.',
  })
  url?: string | null;

  @Field(() => DateTimeScalar, { description: 'When it expires.' })
  expiresAt!: Date;

  @Field(() => Boolean, { description: 'Whether it was also sent by e-mail.' })
  mailed!: boolean;
}
