import { Field, ID, InputType } from 'type-graphql';
import { GrantInput } from '../access/decide/grant.input.js';

/** Input for updating a user. */
@InputType('UpdateUserInput', {
  description: 'Absent fields stay unchanged. Grants replace those that the caller can see; others stay.',
})
export class UpdateUserInput {
  @Field(() => ID, { description: 'ID of the user.' })
  id!: string;

  @Field(() => String, { nullable: true, description: 'One line of 1 to 100 characters.' })
  name?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'Whether the user can sign in; false ends all sessions immediately.',
  })
  enabled?: boolean | null;

  @Field(() => [GrantInput], { nullable: true, description: 'Replaces the grants of the user.' })
  grants?: GrantInput[] | null;
}
