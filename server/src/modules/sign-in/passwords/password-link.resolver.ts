import DataLoader from 'dataloader';
import { Arg, Ctx, FieldResolver, ID, Mutation, Resolver, Root } from 'type-graphql';
import type { Clock } from '../../../core/clock.js';
import { AppError } from '../../../core/errors.js';
import { perRequest } from '../../../core/per-request.js';
import { requirePerson, type RequestContext } from '../../access/decide/principal.js';
import type { Changes } from '../../events/changes.js';
import { issuedIn, type OpenLink } from '../../users/issued-links.js';
import type { MayManageUser } from '../../users/may-manage-user.js';
import type { PasswordLinkStore } from './password-link-store.js';
import { PasswordLinkType } from './password-link.type.js';
import { linkCreated, type PasswordLinks } from './password-links.js';
import type { User } from '../../users/user.js';
import { UserType } from '../../users/user.type.js';

export interface PasswordLinkResolverDeps {
  readonly changes: Changes;
  readonly clock: Clock;
  readonly links: PasswordLinks;
  readonly store: PasswordLinkStore;
  readonly mayManageUser: MayManageUser;
}

/** Creates password links and shows open ones. */
@Resolver(() => UserType)
export class PasswordLinkResolver {
  constructor(private readonly deps: PasswordLinkResolverDeps) {}

  @Mutation(() => UserType, {
    description:
      'A new one-time link to choose a password, for a user who was invited or forgot theirs. Earlier links stop working. ' +
      'Needs keywright.users.manage, and every permission that the user holds. Errors: FORBIDDEN (also for oneself, and for an API key), NOT_FOUND, ' +
      'GRANT_NOT_HELD, CONFLICT for a user who is disabled or signs in through the identity provider.',
  })
  async issuePasswordLink(
    @Ctx() context: RequestContext,
    @Arg('userId', () => ID) userId: string,
  ): Promise<User> {
    const { changes, links, mayManageUser } = this.deps;
    const principal = requirePerson(context);
    // Otherwise a stolen session would be enough to change the password.
    if (principal.actor.id === userId) {
      throw new AppError('FORBIDDEN', 'To change your own password, use your current password.');
    }
    const link = await changes.apply(principal, async (tx) => {
      const user = await mayManageUser(context, userId, tx);
      const value = await links.issue(tx, user, principal.actor);
      return { value, events: [linkCreated(value)] };
    });
    await links.deliver(context, link);
    return link.user;
  }

  @FieldResolver(() => PasswordLinkType, {
    nullable: true,
    description:
      'The open one-time link for this user to choose a password, from an invitation or a reset. Null if there is none.',
  })
  async passwordLink(@Root() user: User, @Ctx() context: RequestContext): Promise<OpenLink | null> {
    const { store, clock } = this.deps;
    const loader = perRequest(
      context,
      PasswordLinkResolver,
      () =>
        new DataLoader<string, OpenLink | null>((ids) => store.openOf(ids, new Date(clock.now())), {
          cache: false,
        }),
    );
    return issuedIn(context).get(user.id) ?? loader.load(user.id);
  }
}
