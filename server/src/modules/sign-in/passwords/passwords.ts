import type { Transaction } from '../../../core/transaction.js';
import type { Clock } from '../../../core/clock.js';
import { AppError, badInput } from '../../../core/errors.js';
import { hashToken, isToken } from '../../../core/random-token.js';
import type { Actor } from '../../access/decide/actor.js';
import type { RequestContext } from '../../access/decide/principal.js';
import { domainEvent } from '../../events/domain-event.js';
import type { EventRecorder } from '../../events/event-recorder.js';
import type { InvitationAcceptance } from '../../users/invitation-acceptance.js';
import type { Issuers } from '../../users/issuer.js';
import type { PasswordLinkStore } from './password-link-store.js';
import { mayUsePassword, parseUserName, type User } from '../../users/user.js';
import type { UserStore } from '../../users/user-store.js';
import type { Attempts } from './attempts.js';
import type { ChallengeStore } from '../second-factor/challenge-store.js';
import type { OwnPassword, UserPrincipal } from './own-account.js';
import { checkNewPassword, type PasswordHasher } from './password.js';
import { actorOf, type SessionService } from '../sessions/session-service.js';
import type { SignIn, SignInOutcome } from '../sessions/sign-in.js';

export interface PasswordsDeps {
  readonly clock: Clock;
  readonly users: UserStore;
  readonly links: PasswordLinkStore;
  readonly invitations: InvitationAcceptance;
  readonly issuers: Issuers;
  readonly sessions: SessionService;
  readonly challenges: ChallengeStore;
  readonly signIn: SignIn;
  readonly ownPassword: OwnPassword;
  readonly passwords: PasswordHasher;
  readonly attempts: Attempts;
  readonly events: EventRecorder;
}

const spent = (): AppError => new AppError('FORBIDDEN', 'This link is no longer valid. Request a new one.');

/**
 * Changes passwords: the caller's own, or with a one-time link. Ends everything that was opened with the old password.
 */
export class Passwords {
  constructor(private readonly deps: PasswordsDeps) {}

  /**
   * Replaces the caller's own password; ends all other sessions. Errors: those of {@link OwnPassword.require},
   * BAD_USER_INPUT.
   */
  async change(principal: UserPrincipal, current: string, next: string): Promise<void> {
    const { ownPassword, passwords, users, sessions } = this.deps;
    checkNewPassword(next, 'newPassword');
    const proven = await ownPassword.require(principal, current, 'currentPassword');
    const passwordHash = await passwords.hash(next);
    await sessions.change(async (tx) => {
      const now = await users.lock(tx, principal.userId);
      if (!now || now.passwordHash !== proven.passwordHash) {
        throw badInput([{ path: 'currentPassword', message: 'The password is wrong.' }]);
      }
      await this.replace(tx, now.user, passwordHash, principal.sessionId);
      await this.deps.links.remove(tx, now.user.id);
      await this.record(tx, now.user, principal.actor, principal.ip, {});
    });
  }

  /**
   * Sets the password with a one-time link, or creates the account of an invitation with it. Ends all sessions of the
   * user, then signs in or asks for the second factor. Errors: FORBIDDEN for a link that was used, was replaced or
   * never existed, or whose issuer could no longer issue it; CONFLICT for an invitation whose recipient has an account;
   * BAD_USER_INPUT.
   */
  async choose(
    token: string,
    password: string,
    name: string | null,
    context: RequestContext,
  ): Promise<SignInOutcome> {
    const { clock, links, users, passwords, attempts, sessions } = this.deps;
    const hash = isToken(token) ? hashToken(token) : null;
    const userId = hash && (await links.ownerOf(hash, new Date(clock.now())));
    const invitation = userId ? null : await this.deps.invitations.find(token);
    if (!hash || !(userId ?? invitation)) throw spent();
    checkNewPassword(password);
    const newName = name === null ? null : parseUserName(name);
    if (!userId) return this.join(token, password, newName, context);
    const passwordHash = await passwords.hash(password);
    const { user, outcome } = await sessions.change(async (tx) => {
      const before = (await users.lock(tx, userId))?.user;
      if (!before || !mayUsePassword(before)) throw spent();
      const link = await links.take(tx, hash, new Date(clock.now()));
      if (!link) throw spent();
      await this.deps.issuers.requireMayIssue(link.issuer, before, tx);
      await this.replace(tx, before, passwordHash, null);
      if (newName !== null) await users.rename(tx, userId, newName);
      const user: User = { ...before, name: newName ?? before.name, hasPassword: true };
      const outcome = await this.deps.signIn.proceed(tx, user, context);
      const renamed = user.name === before.name ? {} : { name: { before: before.name, after: user.name } };
      await this.record(tx, user, actorOf(user), context.ip, renamed);
      return { user, outcome };
    });
    // Guesses at the old password are irrelevant for the new one.
    await attempts.forgetAccount(user.email);
    return outcome;
  }

  /** Creates the account of an invitation with this password, and signs in. */
  private async join(
    token: string,
    password: string,
    name: string | null,
    context: RequestContext,
  ): Promise<SignInOutcome> {
    const { invitations, users, passwords, attempts, sessions, events } = this.deps;
    await invitations.requireNoAccount(token);
    const passwordHash = await passwords.hash(password);
    const { user, outcome } = await sessions.change(async (tx) => {
      const { user: invited, joined } = await invitations.createAccount(tx, token);
      await users.setPassword(tx, invited.id, passwordHash);
      if (name !== null) await users.rename(tx, invited.id, name);
      const user: User = { ...invited, name: name ?? invited.name, hasPassword: true };
      const outcome = await this.deps.signIn.proceed(tx, user, context);
      await events.record(tx, { actor: actorOf(user), ip: context.ip }, joined(user.name));
      return { user, outcome };
    });
    await attempts.forgetAccount(user.email);
    return outcome;
  }

  /** Stores the new password; ends sessions and pending sign-ins that used the old one. */
  private async replace(
    tx: Transaction,
    user: User,
    passwordHash: string,
    except: string | null,
  ): Promise<void> {
    await this.deps.users.setPassword(tx, user.id, passwordHash);
    await this.deps.sessions.removeAll(tx, user.id, except);
    await this.deps.challenges.removeOf(tx, user.id);
  }

  private record(
    tx: Transaction,
    user: User,
    actor: Actor,
    ip: string | null,
    changes: { readonly name?: { before: string; after: string } },
  ): Promise<void> {
    const { id, name } = user;
    const changed = domainEvent('user.password_changed', { type: 'User', id, name }, changes);
    return this.deps.events.record(tx, { actor, ip }, changed);
  }
}
