import { Field, ID, InputType } from 'type-graphql';
import { GrantInput } from '../access/grant.input.js';

/** What changes of a user. */
@InputType('UpdateUserInput', {
  description: 'Absent members are left alone. Grants replace those that the caller can see; others stay.',
})
export class UpdateUserInput {
  @Field(() => ID, { description: 'Id of the user.' })
  id!: string;

  @Field(() => String, { nullable: true, description: 'One line of 1 to 100 characters.' })
  name?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'Whether the user may sign in; false ends all sessions at once.',
  })
  enabled?: boolean | null;

  @Field(() => [GrantInput], { nullable: true, description: 'What the user holds from now on.' })
  grants?: GrantInput[] | null;
}
