import DataLoader from 'dataloader';
import { Arg, Ctx, FieldResolver, ID, Mutation, Resolver, Root } from 'type-graphql';
import { AppError } from '../../../core/errors.js';
import { perRequest } from '../../../core/per-request.js';
import { requirePerson, type RequestContext } from '../../access/decide/principal.js';
import type { MayManageUser } from '../../users/may-manage-user.js';
import type { User } from '../../users/user.js';
import { UserType } from '../../users/user.type.js';
import { requireUser } from '../passwords/own-account.js';
import { TwoFactorSetupType } from '../sessions/session.type.js';
import type { TwoFactor, TwoFactorSetup } from './two-factor.js';
import type { TwoFactorStore } from './two-factor-store.js';

const OWN = 'Errors: FORBIDDEN for an API key, BAD_USER_INPUT (password, code), TOO_MANY_ATTEMPTS, CONFLICT';

/** Second factors: the caller's own, and resets for other users. */
@Resolver(() => UserType)
export class TwoFactorResolver {
  constructor(
    private readonly twoFactor: TwoFactor,
    private readonly store: TwoFactorStore,
    private readonly mayManageUser: MayManageUser,
  ) {}

  @FieldResolver(() => Boolean, { description: 'Whether signing in also asks for a one-time code.' })
  twoFactorEnabled(@Root() user: User, @Ctx() context: RequestContext): Promise<boolean> {
    const loader = perRequest(
      context,
      TwoFactorResolver,
      () => new DataLoader<string, boolean>((ids) => this.store.enabledFor(ids), { cache: false }),
    );
    return loader.load(user.id);
  }

  @Mutation(() => TwoFactorSetupType, {
    description: `Starts to enroll a second factor; confirm it within half an hour. ${OWN} if there already is one.`,
  })
  beginTwoFactor(
    @Ctx() context: RequestContext,
    @Arg('password', () => String) password: string,
  ): Promise<TwoFactorSetup> {
    return this.twoFactor.begin(requireUser(context), password);
  }

  @Mutation(() => [String], {
    description: `Activates the second factor and returns the recovery codes, which are shown only once. Ends all other sessions. ${OWN} if no enrollment is in progress.`,
  })
  confirmTwoFactor(
    @Ctx() context: RequestContext,
    @Arg('code', () => String) code: string,
  ): Promise<string[]> {
    return this.twoFactor.confirm(requireUser(context), code);
  }

  @Mutation(() => Boolean, {
    description: `Needs the password and a one-time or recovery code. ${OWN} without a second factor.`,
  })
  async disableTwoFactor(
    @Ctx() context: RequestContext,
    @Arg('password', () => String) password: string,
    @Arg('code', () => String) code: string,
  ): Promise<boolean> {
    await this.twoFactor.disable(requireUser(context), password, code);
    return true;
  }

  @Mutation(() => [String], {
    description: `Creates new recovery codes; the old ones stop working. ${OWN} without a second factor.`,
  })
  renewRecoveryCodes(
    @Ctx() context: RequestContext,
    @Arg('password', () => String) password: string,
    @Arg('code', () => String) code: string,
  ): Promise<string[]> {
    return this.twoFactor.renewRecoveryCodes(requireUser(context), password, code);
  }

  @Mutation(() => UserType, {
    description:
      'Removes the second factor of a user who lost the device. Needs keywright.users.manage, and every permission that the ' +
      'user holds. Errors: FORBIDDEN (also for oneself, and for an API key), NOT_FOUND, GRANT_NOT_HELD.',
  })
  async resetTwoFactor(
    @Ctx() context: RequestContext,
    @Arg('userId', () => ID) userId: string,
  ): Promise<User> {
    const principal = requirePerson(context);
    // Otherwise a stolen session would be enough to remove the second factor.
    if (principal.actor.id === userId) {
      throw new AppError('FORBIDDEN', 'To turn off your own second factor, use your password and a code.');
    }
    return this.twoFactor.reset(principal, (tx) => this.mayManageUser(context, userId, tx));
  }
}
