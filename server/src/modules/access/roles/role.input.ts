import { Field, ID, InputType } from 'type-graphql';

/** Input for creating a role. */
@InputType('CreateRoleInput', { description: 'A new role.' })
export class CreateRoleInput {
  @Field(() => String, { description: 'Unique, case-insensitive; 1 to 100 characters.' })
  name!: string;

  @Field(() => String, { nullable: true, description: 'Purpose of the role; up to 1,000 characters.' })
  description?: string | null;

  @Field(() => [String], { description: 'Permission names, wildcards or *; an empty list grants nothing.' })
  permissions!: string[];
}

/** Input for updating a role. */
@InputType('UpdateRoleInput', { description: 'Absent fields stay unchanged.' })
export class UpdateRoleInput {
  @Field(() => ID, { description: 'ID of the role.' })
  id!: string;

  @Field(() => String, { nullable: true, description: 'Unique, case-insensitive.' })
  name?: string | null;

  @Field(() => String, { nullable: true, description: 'null clears it.' })
  description?: string | null;

  @Field(() => [String], { nullable: true, description: 'Replaces all permissions.' })
  permissions?: string[] | null;
}

/** An entry of the catalog. */
@InputType('SavePermissionInput', {
  description: 'Creates or updates the catalog entry with this name.',
})
export class SavePermissionInput {
  @Field(() => String, { description: 'Such as invoice.read or view_invoice. Cannot be changed later.' })
  name!: string;

  @Field(() => String, { description: 'Display label.' })
  label!: string;

  @Field(() => String, { description: 'Heading under which it is listed.' })
  group!: string;

  @Field(() => String, { nullable: true, description: 'What it allows; up to 500 characters.' })
  description?: string | null;
}
