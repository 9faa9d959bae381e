import { Field, Int, ObjectType } from 'type-graphql';
import { NodeType } from '../scalars/node.type.js';
import { ScopeType } from '../scopes/scope.type.js';

/** A named set of permissions. */
@ObjectType('Role', { implements: NodeType, description: 'A named set of permissions.' })
export class RoleType extends NodeType {
  @Field(() => String, { description: 'Unique name.' })
  name!: string;

  @Field(() => String, { nullable: true, description: 'What the role is for.' })
  description!: string | null;

  @Field(() => [String], { description: 'Permission names, wildcards or * (Admin).' })
  permissions!: string[];

  @Field(() => Boolean, { description: 'Built-in roles cannot be edited or deleted.' })
  builtIn!: boolean;

  @Field(() => Int, {
    description: 'Grows when the role changes; not by being granted. Pass it as expectedVersion.',
  })
  version!: number;
}

/** Permissions or a role, at a scope. */
@ObjectType('Grant', {
  description:
    'Permissions or a role, at a scope. It covers the scope and everything below it; grants add up.',
})
export class GrantType {
  @Field(() => ScopeType, { description: 'Where the grant holds, with everything below.' })
  scope!: ScopeType;

  @Field(() => RoleType, {
    nullable: true,
    description: 'The role; null when permissions are named one by one.',
  })
  role!: RoleType | null;

  @Field(() => [String], {
    description:
      'Permissions named one by one; empty when a role is granted. In effectiveGrants: everything that is left of the grant.',
  })
  permissions!: string[];
}

/** An entry of the permission catalogue. */
@ObjectType('Permission', { description: 'An entry of the permission catalogue.' })
export class PermissionType {
  @Field(() => String, { description: 'The name that grants and verifications use; * is Admin.' })
  name!: string;

  @Field(() => String, { description: 'Label for people.' })
  label!: string;

  @Field(() => String, { description: 'Heading it is shown under.' })
  group!: string;

  @Field(() => String, { description: 'What it allows.' })
  description!: string;

  @Field(() => Boolean, { description: 'Whether Keywright itself checks it, so that it cannot be edited.' })
  builtIn!: boolean;

  @Field(() => Int, {
    description:
      'Grows when label, group or description change, also from one entry of a name to the next; not by being granted. Pass it as expectedVersion.',
  })
  version!: number;
}
