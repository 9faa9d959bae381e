import { Field, Int, ObjectType } from 'type-graphql';
import { NodeType } from '../../graphql-types/node.type.js';
import { ScopeType } from '../../scopes/tree/scope.type.js';

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
    description: 'Incremented when the role changes, but not when it is granted. Pass it as expectedVersion.',
  })
  version!: number;
}

/** Permissions or a role, at a scope. */
@ObjectType('Grant', {
  description:
    'Permissions or a role, at a scope. A grant covers the scope and everything below it; grants add up.',
})
export class GrantType {
  @Field(() => ScopeType, { description: 'Where the grant applies, including everything below.' })
  scope!: ScopeType;

  @Field(() => RoleType, {
    nullable: true,
    description: 'The role; null if permissions are granted individually.',
  })
  role!: RoleType | null;

  @Field(() => [String], {
    description:
      'Individually granted permissions; empty if a role is granted. In effectiveGrants: all permissions of the grant that remain after narrowing.',
  })
  permissions!: string[];
}

/** An entry of the permission catalog. */
@ObjectType('Permission', { description: 'An entry of the permission catalog.' })
export class PermissionType {
  @Field(() => String, { description: 'Name used in grants and verifications; * is Admin.' })
  name!: string;

  @Field(() => String, { description: 'Display label.' })
  label!: string;

  @Field(() => String, { description: 'Heading under which it is listed.' })
  group!: string;

  @Field(() => String, { description: 'What it allows.' })
  description!: string;

  @Field(() => Boolean, {
    description: "Whether this is one of Keywright's own permissions, which cannot be edited.",
  })
  builtIn!: boolean;

  @Field(() => Int, {
    description:
      'Incremented when the label, group or description changes and when a deleted name is created again, but not when it is granted. Pass it as expectedVersion.',
  })
  version!: number;
}
