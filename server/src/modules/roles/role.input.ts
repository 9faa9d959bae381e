import { Field, ID, InputType } from 'type-graphql';

/** What a new role is made of. */
@InputType('CreateRoleInput', { description: 'What a new role is made of.' })
export class CreateRoleInput {
  @Field(() => String, { description: 'Unique without regard to case; 1 to 100 characters.' })
  name!: string;

  @Field(() => String, { nullable: true, description: 'What the role is for; up to 1,000 characters.' })
  description?: string | null;

  @Field(() => [String], { description: 'Permission names, wildcards or *; an empty list means nothing.' })
  permissions!: string[];
}

/** What changes of a role. */
@InputType('UpdateRoleInput', { description: 'Absent members are left alone.' })
export class UpdateRoleInput {
  @Field(() => ID, { description: 'Id of the role.' })
  id!: string;

  @Field(() => String, { nullable: true, description: 'Unique without regard to case.' })
  name?: string | null;

  @Field(() => String, { nullable: true, description: 'null clears it.' })
  description?: string | null;

  @Field(() => [String], { nullable: true, description: 'All permissions from now on.' })
  permissions?: string[] | null;
}

/** An entry of the catalogue. */
@InputType('SavePermissionInput', {
  description: 'Creates an entry of the catalogue, or changes the one of this name.',
})
export class SavePermissionInput {
  @Field(() => String, { description: 'Such as invoice.read or view_invoice; fixed from now on.' })
  name!: string;

  @Field(() => String, { description: 'Label for people.' })
  label!: string;

  @Field(() => String, { description: 'Heading it is shown under.' })
  group!: string;

  @Field(() => String, { nullable: true, description: 'What it allows; up to 500 characters.' })
  description?: string | null;
}
