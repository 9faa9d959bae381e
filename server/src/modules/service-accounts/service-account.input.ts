import { Field, ID, InputType } from 'type-graphql';
import { GrantInput } from '../access/grant.input.js';

/** What a new service account is made of. */
@InputType('CreateServiceAccountInput', { description: 'What a new service account is made of.' })
export class CreateServiceAccountInput {
  @Field(() => String, { description: 'Unique at its scope; 1 to 50 characters.' })
  name!: string;

  @Field(() => String, { nullable: true, description: 'Up to 1,000 characters.' })
  description?: string | null;

  @Field(() => ID, {
    nullable: true,
    description: 'Where it lies, with its keys; absent: the root. Fixed from now on.',
  })
  scopeId?: string | null;

  @Field(() => [GrantInput], { description: 'What its keys inherit; an empty list means nothing.' })
  grants!: GrantInput[];

  @Field(() => Boolean, { defaultValue: true, description: 'Whether its keys work.' })
  enabled!: boolean;
}

/** What changes of a service account. */
@InputType('UpdateServiceAccountInput', {
  description: 'Absent members are left alone. Grants replace those that the caller can see; others stay.',
})
export class UpdateServiceAccountInput {
  @Field(() => ID, { description: 'Id of the service account.' })
  id!: string;

  @Field(() => String, { nullable: true, description: 'Unique at its scope.' })
  name?: string | null;

  @Field(() => String, { nullable: true, description: 'null clears it.' })
  description?: string | null;

  @Field(() => Boolean, { nullable: true, description: 'Off: its keys are refused.' })
  enabled?: boolean | null;

  @Field(() => [GrantInput], { nullable: true, description: 'What its keys inherit from now on.' })
  grants?: GrantInput[] | null;
}
