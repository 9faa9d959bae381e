import { Field, ID, InputType } from 'type-graphql';
import { GrantInput } from '../access/decide/grant.input.js';

/** Input for creating a service account. */
@InputType('CreateServiceAccountInput', { description: 'A new service account.' })
export class CreateServiceAccountInput {
  @Field(() => String, { description: 'Unique at its scope; 1 to 50 characters.' })
  name!: string;

  @Field(() => String, { nullable: true, description: 'Up to 1,000 characters.' })
  description?: string | null;

  @Field(() => ID, {
    nullable: true,
    description: 'Scope of the service account and its keys; defaults to the root. Cannot be changed later.',
  })
  scopeId?: string | null;

  @Field(() => [GrantInput], { description: 'What its keys inherit; an empty list grants nothing.' })
  grants!: GrantInput[];

  @Field(() => Boolean, { defaultValue: true, description: 'Whether its keys work.' })
  enabled!: boolean;
}

/** Input for updating a service account. */
@InputType('UpdateServiceAccountInput', {
  description: 'Absent fields stay unchanged. Grants replace those that the caller can see; others stay.',
})
export class UpdateServiceAccountInput {
  @Field(() => ID, { description: 'ID of the service account.' })
  id!: string;

  @Field(() => String, { nullable: true, description: 'Unique at its scope.' })
  name?: string | null;

  @Field(() => String, { nullable: true, description: 'null clears it.' })
  description?: string | null;

  @Field(() => Boolean, { nullable: true, description: 'If false, its keys are rejected.' })
  enabled?: boolean | null;

  @Field(() => [GrantInput], { nullable: true, description: 'Replaces the grants that its keys inherit.' })
  grants?: GrantInput[] | null;
}
