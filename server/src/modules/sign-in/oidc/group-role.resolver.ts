import { Ctx, Field, ObjectType, Query, Resolver } from 'type-graphql';
import type { Directory } from '../../access/decide/directory.js';
import { RoleType } from '../../access/decide/grant.type.js';
import { authorizeAt, type RequestContext } from '../../access/decide/principal.js';
import { ScopeType } from '../../scopes/tree/scope.type.js';
import type { GroupRoles } from './group-roles.js';

/** A role assigned by a group of the identity provider. */
@ObjectType('SingleSignOnRole', {
  description: 'A role assigned by a group of the identity provider, as configured in OIDC_GROUP_ROLES.',
})
export class SingleSignOnRoleType {
  @Field(() => String, { description: 'The group.' })
  group!: string;

  @Field(() => String, { description: 'The name of the role in the setting.' })
  name!: string;

  @Field(() => RoleType, {
    nullable: true,
    description:
      'The role that the name has been bound to since it was first seen, even if that role was renamed since. Null if there is none; the group then assigns no role.',
  })
  role!: RoleType | null;

  @Field(() => Boolean, {
    description:
      'Whether the name is permanently bound to a role. If it is and role is null, that role was deleted; only keywright bind-group-role changes the binding.',
  })
  bound!: boolean;

  @Field(() => ScopeType, {
    nullable: true,
    description: 'Where the role applies; null if there is no such scope.',
  })
  scope!: ScopeType | null;
}

/** Shows which roles groups of the identity provider assign. */
@Resolver()
export class GroupRoleResolver {
  constructor(
    /** undefined: single sign-on is not configured. */
    private readonly groupRoles: GroupRoles | undefined,
    private readonly directory: Directory,
  ) {}

  @Query(() => [SingleSignOnRoleType], {
    description:
      'The roles that groups of the identity provider assign; empty without an identity provider. Needs keywright.settings.manage at the root.',
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
