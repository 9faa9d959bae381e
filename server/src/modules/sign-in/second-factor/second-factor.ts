import type { Transaction } from '../../../core/transaction.js';
import type { Clock } from '../../../core/clock.js';
import { badInput, type AppError } from '../../../core/errors.js';
import type { SecretBox } from '../../../core/secret-box.js';
import { domainEvent } from '../../events/domain-event.js';
import type { EventRecorder } from '../../events/event-recorder.js';
import type { User } from '../../users/user.js';
import { hashRecoveryCode, readRecoveryCode } from './recovery-code.js';
import { actorOf } from '../sessions/session-service.js';
import { aboutSecondFactor } from './second-factor-seal.js';
import { acceptedStep } from './totp.js';
import type { TwoFactorStore } from './two-factor-store.js';
import type { TwoFactorRow } from './two-factor.table.js';

/** How a second factor was proven. */
export type SecondProof = 'ONE_TIME_CODE' | 'RECOVERY_CODE';

/** The same error for every rejected code, whatever the reason. */
export const wrongCode = (): AppError =>
  badInput([{ path: 'code', message: 'This code is wrong or was already used.' }]);

export interface SecondFactorDeps {
  readonly clock: Clock;
  readonly store: TwoFactorStore;
  readonly box: SecretBox;
  readonly events: EventRecorder;
}

/** Verifies one-time and recovery codes; each can be used once. */
export class SecondFactor {
  constructor(private readonly deps: SecondFactorDeps) {}

  /** Whether the user has a second factor; in a transaction that has locked the user, this cannot change. */
  async isActive(tx: Transaction, userId: string): Promise<boolean> {
    return (await this.deps.store.find(userId, tx))?.confirmedAt != null;
  }

  /** Seals a secret for its user. */
  seal(userId: string, secret: Buffer): Buffer {
    return this.deps.box.seal(secret, aboutSecondFactor(userId));
  }

  /** The time step of a correct, unused one-time code; null for any other. */
  stepOf(row: TwoFactorRow, code: string): number | null {
    const secret = this.deps.box.open(row.sealedSecret, aboutSecondFactor(row.userId));
    if (!secret) throw new Error('The second factor was not sealed with this master key for this user.');
    return acceptedStep(secret, code.replace(/[\s-]/g, ''), this.deps.clock.now(), row.lastStep);
  }

  /** Consumes a one-time or recovery code inside a transaction; null if it is wrong or already used. */
  async take(tx: Transaction, userId: string, code: string): Promise<SecondProof | null> {
    const { store } = this.deps;
    const row = await store.find(userId, tx);
    if (!row?.confirmedAt || code.length > 100) return null;
    const recovery = readRecoveryCode(code);
    if (recovery !== null) {
      const hash = hashRecoveryCode(userId, recovery);
      return (await store.takeRecoveryCode(tx, userId, hash)) ? 'RECOVERY_CODE' : null;
    }
    const step = this.stepOf(row, code);
    return step !== null && (await store.takeStep(tx, userId, step)) ? 'ONE_TIME_CODE' : null;
  }

  /** Records the use of a recovery code; call it last in the transaction. */
  async record(tx: Transaction, proof: SecondProof, user: User, ip: string | null): Promise<void> {
    if (proof !== 'RECOVERY_CODE') return;
    const { id, name } = user;
    const used = domainEvent('user.recovery_code_used', { type: 'User', id, name }, {});
    await this.deps.events.record(tx, { actor: actorOf(user), ip }, used);
  }
}
