import type { Transaction } from '../../../core/transaction.js';
import type { Clock } from '../../../core/clock.js';
import { AppError } from '../../../core/errors.js';
import { hashToken, isToken, mintToken } from '../../../core/random-token.js';
import type { RequestContext } from '../../access/decide/principal.js';
import { mayUsePassword, type User } from '../../users/user.js';
import type { UserStore } from '../../users/user-store.js';
import type { Attempts } from '../passwords/attempts.js';
import { CHALLENGE_LIFETIME_MS, MAX_TRIES, type ChallengeStore } from '../second-factor/challenge-store.js';
import type { PasswordHasher } from '../passwords/password.js';
import { wrongCode, type SecondFactor } from '../second-factor/second-factor.js';
import type { IssuedSession } from './session.js';
import type { SessionRequestContext } from './session-context.js';
import type { SessionService } from './session-service.js';

/** Result of a sign-in: a session, or a challenge to answer with a second factor. */
export type SignInOutcome = { readonly session: IssuedSession } | { readonly challenge: string };

export interface SignInDeps {
  readonly clock: Clock;
  readonly users: UserStore;
  readonly sessions: SessionService;
  readonly challenges: ChallengeStore;
  readonly secondFactor: SecondFactor;
  readonly attempts: Attempts;
  readonly passwords: PasswordHasher;
}

const refused = (): AppError => new AppError('UNAUTHENTICATED', 'Wrong e-mail or password.');

const over = (): AppError =>
  new AppError('UNAUTHENTICATED', 'This sign-in has expired. Start again with your password.');

/** Signs users in with a password, and with a second factor if they have one. */
export class SignIn {
  constructor(private readonly deps: SignInDeps) {}

  /**
   * Checks the password and starts a session with a new id, or asks for the second factor; ends the session of the
   * request, if any. Errors: UNAUTHENTICATED with the same message and timing for every reason, TOO_MANY_ATTEMPTS.
   */
  async withPassword(
    email: string,
    password: string,
    context: SessionRequestContext,
  ): Promise<SignInOutcome> {
    const { attempts, users, passwords, sessions } = this.deps;
    const guess = await attempts.begin(email, { ip: context.ip, device: context.device.idFor(email) });
    const found = await users.findCredentials(email);
    const hash = found && mayUsePassword(found.user) ? found.passwordHash : null;
    if (!(await passwords.matches(hash, password, guess.known ? 'KNOWN' : 'UNKNOWN')) || !found) {
      throw refused();
    }
    await attempts.succeed(guess);
    return sessions.signIn(context, async (tx) => {
      // The password could have been changed, or the user disabled, during the comparison.
      const now = await users.lock(tx, found.user.id);
      if (!now || now.passwordHash !== hash || !mayUsePassword(now.user)) throw refused();
      return this.proceed(tx, now.user, context);
    });
  }

  /** Continues after the password, with the user locked: asks for the second factor, or starts the session. */
  async proceed(tx: Transaction, user: User, context: RequestContext): Promise<SignInOutcome> {
    const { secondFactor, challenges, clock } = this.deps;
    if (!(await secondFactor.isActive(tx, user.id))) {
      return { session: await this.begin(tx, user, context) };
    }
    const challenge = mintToken();
    const expiresAt = new Date(clock.now() + CHALLENGE_LIFETIME_MS);
    await challenges.add(tx, hashToken(challenge), user.id, expiresAt);
    return { challenge };
  }

  /**
   * Completes a sign-in with a one-time or recovery code. Errors: UNAUTHENTICATED if the sign-in is over (expired,
   * used, or five wrong codes), BAD_USER_INPUT for a wrong code, TOO_MANY_ATTEMPTS.
   */
  async withCode(challenge: string, code: string, context: SessionRequestContext): Promise<IssuedSession> {
    const { attempts, challenges, users, clock } = this.deps;
    if (!isToken(challenge)) throw over();
    const hash = hashToken(challenge);
    const userId = await challenges.ownerOf(hash, new Date(clock.now()));
    if (userId === null) throw over();
    const email = (await users.find(userId))?.email;
    const device = email === undefined ? null : context.device.idFor(email);
    const guess = await attempts.beginCode(userId, { ip: context.ip, device });
    const tries = await challenges.countTry(hash, new Date(clock.now()));
    if (tries === null) throw over();
    const session = await this.answer(hash, userId, code, context);
    if (session) {
      await attempts.succeed(guess);
      return session;
    }
    throw tries < MAX_TRIES ? wrongCode() : over();
  }

  /** Deletes abandoned sign-ins and expired guess counters. */
  async prune(): Promise<void> {
    await this.deps.challenges.prune(new Date(this.deps.clock.now()));
    await this.deps.attempts.prune();
  }

  /** The session; null if the code is rejected, which changes nothing. */
  private async answer(
    hash: Buffer,
    userId: string,
    code: string,
    context: RequestContext,
  ): Promise<IssuedSession | null> {
    const { users, challenges, secondFactor, sessions, clock } = this.deps;
    const WRONG = Symbol('wrong code');
    return sessions
      .signIn(context, async (tx) => {
        const locked = await users.lock(tx, userId);
        if (!locked || !mayUsePassword(locked.user)) throw over();
        if (!(await challenges.take(tx, hash, new Date(clock.now())))) throw over();
        const proof = await secondFactor.take(tx, userId, code);
        // Thrown so that the transaction rolls back and the challenge remains for the next try.
        if (!proof) throw WRONG;
        const session = await this.begin(tx, locked.user, context);
        await secondFactor.record(tx, proof, locked.user, context.ip);
        return session;
      })
      .catch((error: unknown) => {
        if (error === WRONG) return null;
        throw error;
      });
  }

  private async begin(tx: Transaction, user: User, context: RequestContext): Promise<IssuedSession> {
    await this.deps.sessions.replace(tx, context.principal);
    return this.deps.sessions.start(tx, user, context);
  }
}
