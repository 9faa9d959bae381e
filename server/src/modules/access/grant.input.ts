import { Field, ID, InputType } from 'type-graphql';

/** A grant as a caller asks for it. */
@InputType('GrantInput', {
  description: 'A role or permissions, not both, at a scope. Without a scope: the root.',
})
export class GrantInput {
  @Field(() => ID, { nullable: true, description: 'Where the grant holds; absent: the root.' })
  scopeId?: string | null;

  @Field(() => ID, { nullable: true, description: 'A role.' })
  roleId?: string | null;

  @Field(() => [String], { nullable: true, description: 'Permission names, wildcards or *.' })
  permissions?: string[] | null;
}
