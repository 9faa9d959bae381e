import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Resolver, Root } from 'type-graphql';
import { requirePrincipal } from '../../access/decide/principal.js';
import type { MayManageUser } from '../../users/may-manage-user.js';
import type { User } from '../../users/user.js';
import { requireUser } from '../passwords/own-account.js';
import type { SessionRequestContext } from './session-context.js';
import type { SessionService } from './session-service.js';
import { UserSessionType, ViewerType } from './session.type.js';
import type { TwoFactorStore } from '../second-factor/two-factor-store.js';

/** The caller's own sessions and sign-in state. */
@Resolver(() => ViewerType)
export class OwnSessionsResolver {
  constructor(
    private readonly sessionService: SessionService,
    private readonly store: TwoFactorStore,
    private readonly mayManageUser: MayManageUser,
  ) {}

  @FieldResolver(() => Boolean, {
    description: 'Whether this user must enroll a second factor before anything else is allowed.',
  })
  async twoFactorSetupRequired(@Ctx() { principal }: SessionRequestContext): Promise<boolean> {
    const sessionId = principal?.sessionId ?? null;
    return sessionId !== null && this.sessionService.isTwoFactorDue(sessionId);
  }

  @FieldResolver(() => Int, {
    nullable: true,
    description: 'Number of recovery codes left; null without a second factor.',
  })
  async recoveryCodesLeft(@Root() { user }: { user: User | null }): Promise<number | null> {
    return user && this.store.recoveryCodesLeft(user.id);
  }

  @FieldResolver(() => [UserSessionType], {
    description: 'Signed-in sessions of this user, newest first; empty for an API key.',
  })
  async sessions(
    @Root() { user }: { user: User | null },
    @Ctx() { principal }: SessionRequestContext,
  ): Promise<UserSessionType[]> {
    if (!user) return [];
    const own = await this.sessionService.listOf(user.id);
    return own.map((session) => ({ ...session, current: session.id === principal?.sessionId }));
  }

  @Mutation(() => Boolean, {
    description:
      "Ends one of the caller's own sessions; false if none has this ID. Errors: UNAUTHENTICATED, FORBIDDEN for an API key.",
  })
  async endSession(@Ctx() context: SessionRequestContext, @Arg('id', () => ID) id: string): Promise<boolean> {
    const principal = requireUser(context);
    const ended = await this.sessionService.endOwn(principal, id);
    if (ended && id === principal.sessionId) context.cookies.clear();
    return ended;
  }

  @Mutation(() => Int, {
    description:
      'Ends all other sessions of the caller and returns their number. Errors: UNAUTHENTICATED, FORBIDDEN for an API key.',
  })
  endOtherSessions(@Ctx() context: SessionRequestContext): Promise<number> {
    const principal = requireUser(context);
    const self = { id: principal.userId, name: principal.actor.name };
    return this.sessionService.endAll(self, principal.sessionId, principal);
  }

  @Mutation(() => Int, {
    description:
      'Ends all sessions of a user and returns their number. Needs keywright.users.manage, and every permission that the user holds. Errors: ' +
      'FORBIDDEN, NOT_FOUND, GRANT_NOT_HELD.',
  })
  async endUserSessions(
    @Ctx() context: SessionRequestContext,
    @Arg('userId', () => ID) userId: string,
  ): Promise<number> {
    const principal = requirePrincipal(context);
    // The caller's own sessions include the one that authorizes this change until its end.
    if (principal.actor.id === userId) {
      return this.sessionService.endAll(await this.mayManageUser(context, userId), null, principal);
    }
    return this.sessionService.endAllOf(principal, (tx) => this.mayManageUser(context, userId, tx));
  }
}
