import { createHash } from 'node:crypto';
import { isIPv6 } from 'node:net';
import type { Clock } from '../../core/clock.js';
import { AppError } from '../../core/errors.js';
import { foldEmail } from '../users/user.js';

/** How long guesses at passwords are remembered. */
export const ATTEMPT_WINDOW_MS = 15 * 60_000;

/** How long guesses at one-time codes are: whoever guesses one knows the password, and three codes count at a time. */
export const CODE_WINDOW_MS = 60 * 60_000;

/** Most wrong guesses within the window. */
const MAX_FAILURES = { account: 10, address: 50 } as const;

/** Most e-mails to reset a password within the window, wanted or not. */
const MAX_RESETS = { account: 5, address: 50 } as const;

/** How far one subject has got. */
export interface AttemptCount {
  readonly failures: number;
  readonly windowEndsAt: Date;
}

/** Where guesses are counted; each method is one atomic statement. */
export interface AttemptStore {
  /** Counts one more and answers the new count; a window that ended starts afresh. */
  add(subject: string, now: Date, windowEndsAt: Date): Promise<AttemptCount>;
  /** Takes one back. */
  takeBack(subject: string): Promise<void>;
  forget(subject: string): Promise<void>;
  prune(now: Date): Promise<void>;
}

/** The first four groups of an IPv6 address: what one customer of a provider has at will. */
function networkOf(ip: string): string {
  if (!isIPv6(ip)) return ip;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip);
  if (mapped) return mapped[1]!;
  const [head = '', tail] = ip.split('%')[0]!.split('::');
  const left = head.split(':').filter(Boolean);
  const right = tail?.split(':').filter(Boolean) ?? [];
  const zeros = Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0');
  const groups = [...left, ...(tail === undefined ? [] : zeros), ...right];
  return groups
    .slice(0, 4)
    .map((group) => parseInt(group, 16).toString(16))
    .join(':');
}

/** The subject that counts guesses from an address; IPv6 counts by /64. */
export const addressSubject = (ip: string | null): string =>
  `address:${ip === null ? 'unknown' : networkOf(ip)}`;

/** The subject that counts guesses at an account, whether it exists or not; hashed, so that its size is bounded. */
export const accountSubject = (email: string): string =>
  `account:${createHash('sha256').update(foldEmail(email)).digest('hex')}`;

/** The subject that counts guesses at the one-time codes of a user; the right password does not free it. */
const codeSubject = (userId: string): string => `code:${userId}`;

/**
 * Throttles guesses. A guess is counted before it is checked, so that any number of parallel guesses gets no more tries
 * than one after the other; a right answer takes its count back.
 */
export class Attempts {
  constructor(
    private readonly store: AttemptStore,
    private readonly clock: Clock,
  ) {}

  /** Counts a guess before it is checked; error: TOO_MANY_ATTEMPTS with the seconds to wait. */
  async begin(email: string, ip: string | null): Promise<void> {
    await this.count(addressSubject(ip), MAX_FAILURES.address);
    await this.count(accountSubject(email), MAX_FAILURES.account);
  }

  /** The guess was right. Only the account starts afresh: an own account must not wash an address clean. */
  async succeed(email: string, ip: string | null): Promise<void> {
    await this.store.forget(accountSubject(email));
    await this.store.takeBack(addressSubject(ip));
  }

  /** Guesses at this account count no more. */
  forgetAccount(email: string): Promise<void> {
    return this.store.forget(accountSubject(email));
  }

  /** The same as {@link begin} for a one-time code of a user. */
  async beginCode(userId: string, ip: string | null): Promise<void> {
    await this.count(addressSubject(ip), MAX_FAILURES.address);
    await this.count(codeSubject(userId), MAX_FAILURES.account, CODE_WINDOW_MS);
  }

  /** The code was right. */
  async succeedCode(userId: string, ip: string | null): Promise<void> {
    await this.store.forget(codeSubject(userId));
    await this.store.takeBack(addressSubject(ip));
  }

  /** Counts an e-mail that resets a password, for whatever account; error: TOO_MANY_ATTEMPTS. */
  async countReset(email: string, ip: string | null): Promise<void> {
    await this.count(`reset ${addressSubject(ip)}`, MAX_RESETS.address);
    await this.count(`reset ${accountSubject(email)}`, MAX_RESETS.account);
  }

  /** Forgets windows that have ended. */
  prune(): Promise<void> {
    return this.store.prune(new Date(this.clock.now()));
  }

  private async count(subject: string, most: number, windowMs: number = ATTEMPT_WINDOW_MS): Promise<void> {
    const now = this.clock.now();
    const count = await this.store.add(subject, new Date(now), new Date(now + windowMs));
    if (count.failures <= most) return;
    const retryAfterSeconds = Math.max(1, Math.ceil((count.windowEndsAt.getTime() - now) / 1000));
    throw new AppError(
      'TOO_MANY_ATTEMPTS',
      `Too many attempts. Try again in ${Math.ceil(retryAfterSeconds / 60)} minutes.`,
      { retryAfterSeconds },
    );
  }
}
