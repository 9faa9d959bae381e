import { Ctx, Field, ObjectType, Query, Resolver } from 'type-graphql';
import type { Directory } from '../../access/directory.js';
import { RoleType } from '../../access/grant.type.js';
import { authorizeAt, type RequestContext } from '../../access/principal.js';
import { ScopeType } from '../../scopes/scope.type.js';
import type { GroupRoles } from './group-roles.js';

/** A role that a group of the identity provider brings. */
@ObjectType('SingleSignOnRole', {
  description: 'A role that a group of the identity provider brings, as OIDC_GROUP_ROLES names it.',
})
export class SingleSignOnRoleType {
  @Field(() => String, { description: 'The group.' })
  group!: string;

  @Field(() => String, { description: 'The name of the role in the setting.' })
  name!: string;

  @Field(() => RoleType, {
    nullable: true,
    description:
      'The role that the name has stood for since it was first seen, whatever that role is called now. Null: there is none, and the group does not bring it.',
  })
  role!: RoleType | null;

  @Field(() => Boolean, {
    description:
      'Whether the name stands for one role for good. If so and role is null, that role was deleted; only keywright bind-group-role changes what the name stands for.',
  })
  bound!: boolean;

  @Field(() => ScopeType, {
    nullable: true,
    description: 'Where the role holds; null when there is no such scope.',
  })
  scope!: ScopeType | null;
}

/** Shows what groups of the identity provider bring. */
@Resolver()
export class GroupRoleResolver {
  constructor(
    /** undefined: there is no single sign-on. */
    private readonly groupRoles: GroupRoles | undefined,
    private readonly directory: Directory,
  ) {}

  @Query(() => [SingleSignOnRoleType], {
    description:
      'The roles that groups of the identity provider bring; empty without one. Needs keywright.settings.manage at the root.',
  })
  async singleSignOnRoles(@Ctx() context: RequestContext): Promise<SingleSignOnRoleType[]> {
    authorizeAt(context, 'keywright.settings.manage');
    const entries = (await this.groupRoles?.list()) ?? [];
    return entries.map(({ group, name, scopeId, roleId, bound }) => ({
      group,
      name,
      bound,
      role: (roleId === null ? undefined : (this.directory.role(roleId) as RoleType | undefined)) ?? null,
      scope: (this.directory.tree.get(scopeId) as ScopeType | undefined) ?? null,
    }));
  }
}
