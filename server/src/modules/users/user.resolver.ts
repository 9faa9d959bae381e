import DataLoader from 'dataloader';
import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { perRequest } from '../../core/per-request.js';
import type { Grant } from '../access/grant.js';
import { GrantType } from '../access/grant.type.js';
import type { RequestContext } from '../access/principal.js';
import { statusOf, type User, type UserStatus } from './user.js';
import type { UserStore } from './user-store.js';
import { UserStatusEnum, UserType } from './user.type.js';

/** Fields of users that are not columns. */
@Resolver(() => UserType)
export class UserResolver {
  constructor(private readonly users: UserStore) {}

  @FieldResolver(() => UserStatusEnum, { description: 'How far the user has come.' })
  status(@Root() user: User): UserStatus {
    return statusOf(user);
  }

  @FieldResolver(() => [GrantType], { description: 'What this user may do, and where.' })
  grants(@Root() user: User, @Ctx() context: RequestContext): Promise<readonly Grant[]> {
    const loader = perRequest(
      context,
      UserResolver,
      () => new DataLoader<string, Grant[]>((ids) => this.users.grantsOf(ids)),
    );
    return loader.load(user.id);
  }
}
