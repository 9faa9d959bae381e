import { Arg, Ctx, ID, Int, Mutation, Query, Resolver } from 'type-graphql';
import { ID_PREFIXES, isId } from '../../core/id.js';
import { authorize, authorizeReach, type RequestContext } from '../access/decide/principal.js';
import { EXPECTED_VERSION } from '../graphql-types/expected-version.js';
import { seesUser } from './may-manage-user.js';
import type { UserAdminStore } from './user-admin-store.postgres.js';
import { UpdateUserInput } from './user.input.js';
import type { UserService } from './user-service.js';
import type { UserStore } from './user-store.js';
import type { User } from './user.js';
import { UserType } from './user.type.js';

/** The user if the caller manages users at a scope of their grants; otherwise null, as for one that does not exist. */
export async function visibleUser(
  context: RequestContext,
  users: Pick<UserStore, 'find' | 'grantsOf'>,
  id: string,
): Promise<User | null> {
  const principal = authorize(context, 'keywright.users.manage');
  const user = isId(ID_PREFIXES.user, id) ? await users.find(id) : null;
  if (!user) return null;
  const [grants = []] = await users.grantsOf([id]);
  return seesUser(principal, grants) ? user : null;
}

/** Reads and manages users. */
@Resolver()
export class UserAdminResolver {
  constructor(
    private readonly users: UserStore,
    private readonly store: UserAdminStore,
    private readonly service: UserService,
  ) {}

  @Query(() => [UserType], {
    name: 'users',
    description:
      'Users with a grant at a scope where the caller holds keywright.users.manage, by name, at most 1,000. Search matches names and addresses.',
  })
  async listUsers(
    @Ctx() context: RequestContext,
    @Arg('search', () => String, { nullable: true }) search: string | null,
  ): Promise<User[]> {
    return this.store.list(search, authorizeReach(context, 'keywright.users.manage'));
  }

  @Query(() => UserType, {
    nullable: true,
    description: "One user. Needs keywright.users.manage at a scope of the user's grants.",
  })
  user(@Ctx() context: RequestContext, @Arg('id', () => ID) id: string): Promise<User | null> {
    return visibleUser(context, this.users, id);
  }

  @Mutation(() => UserType, {
    description:
      "Updates a user, with immediate effect on open sessions. Changing name and state needs keywright.users.manage at every scope of the user's grants, and every permission that the user holds; changing grants needs it at the scopes of those grants, and every permission in them. Errors: NOT_FOUND, FORBIDDEN, BAD_USER_INPUT, GRANT_NOT_HELD, CONFLICT, also for the last owner.",
  })
  updateUser(
    @Ctx() context: RequestContext,
    @Arg('input', () => UpdateUserInput) input: UpdateUserInput,
    @Arg('expectedVersion', () => Int, EXPECTED_VERSION) expectedVersion: number | null,
  ): Promise<User> {
    return this.service.update(authorize(context, 'keywright.users.manage'), input, expectedVersion);
  }
}
