import type { EntityManager } from 'typeorm';
import type { Clock } from '../../../core/clock.js';
import { AppError, badInput } from '../../../core/errors.js';
import { hashToken, isToken } from '../../../core/random-token.js';
import type { Actor } from '../../access/decide/actor.js';
import type { RequestContext } from '../../access/decide/principal.js';
import type { AuditRecorder } from '../../audit/audit-recorder.js';
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
  readonly audit: AuditRecorder;
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
    await sessions.change(async (manager) => {
      const now = await users.lock(manager, principal.userId);
      if (!now || now.passwordHash !== proven.passwordHash) {
        throw badInput([{ path: 'currentPassword', message: 'The password is wrong.' }]);
      }
      await this.replace(manager, now.user, passwordHash, principal.sessionId);
      await this.deps.links.remove(manager, now.user.id);
      await this.record(manager, now.user, principal.actor, principal.ip, {});
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
    const { user, outcome } = await sessions.change(async (manager) => {
      const before = (await users.lock(manager, userId))?.user;
      if (!before || !mayUsePassword(before)) throw spent();
      const link = await links.take(manager, hash, new Date(clock.now()));
      if (!link) throw spent();
      await this.deps.issuers.requireMayIssue(link.issuer, before, manager);
      await this.replace(manager, before, passwordHash, null);
      if (newName !== null) await users.rename(manager, userId, newName);
      const user: User = { ...before, name: newName ?? before.name, hasPassword: true };
      const outcome = await this.deps.signIn.proceed(manager, user, context);
      const renamed = user.name === before.name ? {} : { name: { before: before.name, after: user.name } };
      await this.record(manager, user, actorOf(user), context.ip, renamed);
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
    const { invitations, users, passwords, attempts, sessions, audit } = this.deps;
    await invitations.requireNoAccount(token);
    const passwordHash = await passwords.hash(password);
    const { user, outcome } = await sessions.change(async (manager) => {
      const { user: invited, noted } = await invitations.createAccount(manager, token);
      await users.setPassword(manager, invited.id, passwordHash);
      if (name !== null) await users.rename(manager, invited.id, name);
      const user: User = { ...invited, name: name ?? invited.name, hasPassword: true };
      const outcome = await this.deps.signIn.proceed(manager, user, context);
      await audit.record(manager, {
        ...noted,
        actor: actorOf(user),
        targetName: user.name,
        ip: context.ip,
      });
      return { user, outcome };
    });
    await attempts.forgetAccount(user.email);
    return outcome;
  }

  /** Stores the new password; ends sessions and pending sign-ins that used the old one. */
  private async replace(
    manager: EntityManager,
    user: User,
    passwordHash: string,
    except: string | null,
  ): Promise<void> {
    await this.deps.users.setPassword(manager, user.id, passwordHash);
    await this.deps.sessions.removeAll(manager, user.id, except);
    await this.deps.challenges.removeOf(manager, user.id);
  }

  private record(
    manager: EntityManager,
    user: User,
    actor: Actor,
    ip: string | null,
    changes: { readonly name?: { before: string; after: string } },
  ): Promise<void> {
    return this.deps.audit.record(manager, {
      actor,
      action: 'user.passwordChange',
      targetType: 'User',
      targetId: user.id,
      targetName: user.name,
      ip,
      changes: { ...changes },
    });
  }
}
