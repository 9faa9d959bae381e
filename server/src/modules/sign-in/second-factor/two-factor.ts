import type { Transaction } from '../../../core/transaction.js';
import type { Clock } from '../../../core/clock.js';
import { AppError } from '../../../core/errors.js';
import type { Principal } from '../../access/decide/principal.js';
import type { EventRecorder } from '../../events/event-recorder.js';
import type { Changes } from '../../events/changes.js';
import { domainEvent, type DomainEvent } from '../../events/domain-event.js';
import type { User } from '../../users/user.js';
import type { UserStore } from '../../users/user-store.js';
import type { Attempts } from '../passwords/attempts.js';
import type { ChallengeStore } from './challenge-store.js';
import type { OwnPassword, UserPrincipal } from '../passwords/own-account.js';
import { hashRecoveryCode, mintRecoveryCodes, readRecoveryCode } from './recovery-code.js';
import { wrongCode, type SecondFactor } from './second-factor.js';
import type { SessionService } from '../sessions/session-service.js';
import { base32, mintTotpSecret, otpauthUri } from './totp.js';
import type { TwoFactorStore } from './two-factor-store.js';

/** How long an unconfirmed second factor is kept, in milliseconds. */
const SETUP_LIFETIME_MS = 30 * 60_000;

/** A second factor during enrollment. */
export interface TwoFactorSetup {
  /** Base32, for manual entry. */
  readonly secret: string;
  readonly uri: string;
}

export interface TwoFactorDeps {
  readonly clock: Clock;
  readonly users: UserStore;
  readonly store: TwoFactorStore;
  readonly secondFactor: SecondFactor;
  readonly sessions: SessionService;
  readonly challenges: ChallengeStore;
  readonly ownPassword: OwnPassword;
  readonly attempts: Attempts;
  readonly events: EventRecorder;
  readonly changes: Changes;
}

const notBegun = (): AppError =>
  new AppError(
    'CONFLICT',
    'No second factor is being set up. Start again, and confirm it within half an hour.',
  );

type TwoFactorEvent =
  | 'user.two_factor_enabled'
  | 'user.two_factor_disabled'
  | 'user.two_factor_reset'
  | 'user.recovery_codes_renewed';

const eventOf = (type: TwoFactorEvent, { id, name }: User): DomainEvent =>
  domainEvent(type, { type: 'User', id, name }, {});

/** Enrolls and removes second factors. */
export class TwoFactor {
  constructor(private readonly deps: TwoFactorDeps) {}

  /** Creates a secret, inactive until it is confirmed. Errors: those of {@link OwnPassword.require}; CONFLICT. */
  async begin(principal: UserPrincipal, password: string): Promise<TwoFactorSetup> {
    const { ownPassword, store, secondFactor, clock } = this.deps;
    const { user } = await ownPassword.require(principal, password, 'password');
    const secret = mintTotpSecret();
    const now = new Date(clock.now());
    if (!(await store.begin(user.id, secondFactor.seal(user.id, secret), now))) {
      throw new AppError('CONFLICT', 'You already have a second factor. Turn it off first.');
    }
    return { secret: base32(secret), uri: otpauthUri(secret, user.email) };
  }

  /**
   * Activates the second factor and ends all other sessions of the user. Returns the recovery codes, which are shown
   * only once. Errors: CONFLICT, BAD_USER_INPUT, TOO_MANY_ATTEMPTS.
   */
  async confirm(principal: UserPrincipal, code: string): Promise<string[]> {
    const { store, secondFactor, sessions, attempts, clock } = this.deps;
    const { userId, ip, sessionId } = principal;
    const row = await store.find(userId);
    const now = new Date(clock.now());
    if (!row || row.confirmedAt || row.begunAt.getTime() + SETUP_LIFETIME_MS <= now.getTime()) {
      throw notBegun();
    }
    const guess = await attempts.beginCode(userId, { ip, device: null });
    const step = secondFactor.stepOf(row, code);
    if (step === null) throw wrongCode();
    const codes = await sessions.change(async (tx) => {
      const user = await this.lock(tx, userId);
      if (!(await store.confirm(tx, row, step, now))) throw notBegun();
      const codes = await this.giveRecoveryCodes(tx, userId);
      // Sessions that were opened with a password alone must not gain access through this.
      await sessions.removeAll(tx, userId, sessionId);
      await this.record(tx, 'user.two_factor_enabled', user, principal);
      return codes;
    });
    await attempts.succeed(guess);
    return codes;
  }

  /**
   * Removes the second factor. Errors: those of {@link OwnPassword.require}, BAD_USER_INPUT at `code`, CONFLICT without
   * one.
   */
  async disable(principal: UserPrincipal, password: string, code: string): Promise<void> {
    await this.withBoth(principal, password, code, async (tx, user) => {
      await this.deps.store.remove(tx, user.id);
      await this.record(tx, 'user.two_factor_disabled', user, principal);
    });
  }

  /** Replaces the recovery codes. Errors as for {@link disable}. */
  async renewRecoveryCodes(principal: UserPrincipal, password: string, code: string): Promise<string[]> {
    return this.withBoth(principal, password, code, async (tx, user) => {
      const codes = await this.giveRecoveryCodes(tx, user.id);
      await this.record(tx, 'user.recovery_codes_renewed', user, principal);
      return codes;
    });
  }

  /**
   * Removes the second factor of another user who lost the device; `judge` finds the user if the caller can manage
   * them. Errors: those of `judge`, CONFLICT.
   */
  async reset(by: Principal, judge: (tx: Transaction) => Promise<User>): Promise<User> {
    const { store, challenges, sessions, changes } = this.deps;
    try {
      return await changes.apply(by, async (tx) => {
        const user = await judge(tx);
        const removed = await store.remove(tx, user.id);
        await challenges.removeOf(tx, user.id);
        return { value: user, events: removed ? [eventOf('user.two_factor_reset', user)] : [] };
      });
    } finally {
      sessions.forget();
    }
  }

  /** Deletes unconfirmed second factors. */
  prune(): Promise<void> {
    return this.deps.store.prune(new Date(this.deps.clock.now() - SETUP_LIFETIME_MS));
  }

  /** Runs a change after the caller has proven the password and the second factor. */
  private async withBoth<T>(
    principal: UserPrincipal,
    password: string,
    code: string,
    work: (tx: Transaction, user: User) => Promise<T>,
  ): Promise<T> {
    const { ownPassword, secondFactor, sessions, attempts, store } = this.deps;
    const { userId, ip } = principal;
    await ownPassword.require(principal, password, 'password');
    if (!(await store.find(userId))?.confirmedAt) {
      throw new AppError('CONFLICT', 'You do not have a second factor.');
    }
    const guess = await attempts.beginCode(userId, { ip, device: null });
    const result = await sessions.change(async (tx) => {
      const user = await this.lock(tx, userId);
      const proof = await secondFactor.take(tx, userId, code);
      if (!proof) throw wrongCode();
      const result = await work(tx, user);
      await secondFactor.record(tx, proof, user, ip);
      return result;
    });
    await attempts.succeed(guess);
    return result;
  }

  /** Locks the user: sign-ins and other changes of the user wait until the transaction ends. */
  private async lock(tx: Transaction, userId: string): Promise<User> {
    const locked = await this.deps.users.lock(tx, userId);
    if (!locked) throw new AppError('UNAUTHENTICATED', 'The session has ended. Sign in again.');
    return locked.user;
  }

  private async giveRecoveryCodes(tx: Transaction, userId: string): Promise<string[]> {
    const codes = mintRecoveryCodes();
    const hashes = codes.map((code) => hashRecoveryCode(userId, readRecoveryCode(code)!));
    await this.deps.store.replaceRecoveryCodes(tx, userId, hashes);
    return codes;
  }

  private record(tx: Transaction, type: TwoFactorEvent, user: User, by: Principal): Promise<void> {
    return this.deps.events.record(tx, by, eventOf(type, user));
  }
}
