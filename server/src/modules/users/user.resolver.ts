import DataLoader from 'dataloader';
import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { perRequest } from '../../core/per-request.js';
import type { Directory, StoredGrant } from '../access/decide/directory.js';
import { showGrants, type Grant } from '../access/decide/grant.js';
import { GrantType } from '../access/decide/grant.type.js';
import { requirePrincipal, type RequestContext } from '../access/decide/principal.js';
import { statusOf, type User, type UserStatus } from './user.js';
import type { UserStore } from './user-store.js';
import { UserStatusEnum, UserType } from './user.type.js';

/** Grants of the invitations that this request created, by the user that they represent. They are not in effect yet. */
export const invitedIn = (context: object): Map<string, readonly StoredGrant[]> =>
  perRequest(context, invitedIn, () => new Map<string, readonly StoredGrant[]>());

/** Fields of users that are not columns. */
@Resolver(() => UserType)
export class UserResolver {
  constructor(
    private readonly users: UserStore,
    private readonly directory: Directory,
  ) {}

  @FieldResolver(() => UserStatusEnum, { description: 'Status of the user.' })
  status(@Root() user: User): UserStatus {
    return statusOf(user);
  }

  @FieldResolver(() => [GrantType], {
    description: 'What this user can do, and where, without grants at scopes that the caller cannot see.',
  })
  async grants(@Root() user: User, @Ctx() context: RequestContext): Promise<Grant[]> {
    const principal = context.principal;
    const loader = perRequest(
      context,
      UserResolver,
      () => new DataLoader<string, StoredGrant[]>((ids) => this.users.grantsOf(ids)),
    );
    const grants = invitedIn(context).get(user.id) ?? (await loader.load(user.id));
    // Users who have just signed in see their own grants; the request itself had no session.
    const own = principal === null || principal.actor.id === user.id;
    const viewer = own ? this.directory.expand(grants) : requirePrincipal(context).access;
    return showGrants(this.directory, viewer, grants);
  }
}
