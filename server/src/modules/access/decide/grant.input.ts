import { Field, ID, InputType } from 'type-graphql';

/** A requested grant. */
@InputType('GrantInput', {
  description: 'Either a role or permissions, at a scope. The default scope is the root.',
})
export class GrantInput {
  @Field(() => ID, { nullable: true, description: 'Where the grant applies; defaults to the root.' })
  scopeId?: string | null;

  @Field(() => ID, { nullable: true, description: 'A role.' })
  roleId?: string | null;

  @Field(() => [String], { nullable: true, description: 'Permission names, wildcards or *.' })
  permissions?: string[] | null;
}
