import { createHash } from 'node:crypto';
import { isIPv6 } from 'node:net';
import type { Clock } from '../../../core/clock.js';
import { AppError } from '../../../core/errors.js';
import { foldEmail } from '../../users/user.js';

/** Window in which password guesses are counted, in milliseconds. */
export const ATTEMPT_WINDOW_MS = 15 * 60_000;

/**
 * Window in which guesses of one-time codes are counted, in milliseconds. Longer: the guesser knows the password, and
 * three codes are valid at any time.
 */
export const CODE_WINDOW_MS = 60 * 60_000;

/** Window in which guesses for an account from all addresses are counted, in milliseconds. */
export const ACCOUNT_WINDOW_MS = 60 * 60_000;

/** Minimum interval between attempts from unknown devices on an account under distributed guessing, in milliseconds. */
export const SLOT_MS = 2000;

/** Maximum number of wrong guesses per window. `account` is the limit over all addresses before attempts are slowed. */
const MAX_FAILURES = { source: 10, address: 50, account: 100 } as const;

/** Maximum number of password reset e-mails per window, solicited or not. */
const MAX_RESETS = { account: 5, address: 50 } as const;

/** The counter of one subject. */
export interface AttemptCount {
  readonly failures: number;
  readonly windowEndsAt: Date;
}

/** Stores guess counters; each method is one atomic statement. */
export interface AttemptStore {
  /** Increments the counter and returns it; restarts it if its window has ended. */
  add(subject: string, now: Date, windowEndsAt: Date): Promise<AttemptCount>;
  /** Decrements the counter. */
  takeBack(subject: string): Promise<void>;
  forget(subject: string): Promise<void>;
  /** Deletes the subject and all subjects that begin with it and a space. */
  forgetAll(subject: string): Promise<void>;
  prune(now: Date): Promise<void>;
}

/** Origin of a guess. */
export interface GuessSource {
  readonly ip: string | null;
  /** Id of the device if it has signed in to this account before; otherwise null. */
  readonly device: string | null;
}

/** A counted guess, to be settled if it was correct. */
export interface CountedGuess {
  /** Whether it was counted against a limit that others cannot use up. */
  readonly known: boolean;
  readonly forget: readonly string[];
  readonly takeBack: readonly string[];
}

/** The first four groups of an IPv6 address; one customer of a provider controls all addresses below them. */
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

/** The subject for guesses from an address; IPv6 is counted by /64. */
export const addressSubject = (ip: string | null): string =>
  `address:${ip === null ? 'unknown' : networkOf(ip)}`;

/** The subject for guesses at an account, existing or not; hashed to bound its size. */
export const accountSubject = (email: string): string =>
  `password:${createHash('sha256').update(foldEmail(email)).digest('hex')}`;

/** The subject for guesses of a user's one-time codes; the right password does not reset it. */
const codeSubject = (userId: string): string => `code:${userId}`;

const waitIn = (seconds: number): string =>
  seconds < 60
    ? `${seconds} ${seconds === 1 ? 'second' : 'seconds'}`
    : `${Math.ceil(seconds / 60)} ${seconds <= 60 ? 'minute' : 'minutes'}`;

/**
 * Limits guesses. A guess is counted before it is checked, so that parallel guesses get no more tries than sequential
 * ones; a correct guess is subtracted again. Devices that have signed in before have their own limit, so others cannot
 * lock them out.
 */
export class Attempts {
  constructor(
    private readonly store: AttemptStore,
    private readonly clock: Clock,
  ) {}

  /**
   * Counts a password guess before it is checked. Limits: ten per account and address, fifty per address, and after a
   * hundred for an account from all addresses within an hour, one every two seconds. Error: TOO_MANY_ATTEMPTS with the
   * seconds to wait.
   */
  async begin(email: string, { ip, device }: GuessSource): Promise<CountedGuess> {
    const account = accountSubject(email);
    const known = await this.byDevice(account, device, ATTEMPT_WINDOW_MS);
    if (known) return known;
    const [address, source] = [addressSubject(ip), `${account} ${addressSubject(ip)}`];
    const taken: string[] = [];
    const count = async (subject: string, max: number, windowMs: number): Promise<void> => {
      try {
        await this.count(subject, max, windowMs);
        taken.push(subject);
      } catch (error) {
        // A rejected guess does not count.
        for (const earlier of taken) await this.store.takeBack(earlier);
        throw error;
      }
    };
    await count(address, MAX_FAILURES.address, ATTEMPT_WINDOW_MS);
    await count(source, MAX_FAILURES.source, ATTEMPT_WINDOW_MS);
    const { failures } = await this.add(account, ACCOUNT_WINDOW_MS);
    taken.push(account);
    if (failures > MAX_FAILURES.account) await count(`${account} slot`, 1, SLOT_MS);
    // Signing in to one's own account must not reset the count of the address.
    return { known: false, forget: [source], takeBack: [address, account] };
  }

  /** Settles a correct guess. */
  async succeed({ forget, takeBack }: CountedGuess): Promise<void> {
    for (const subject of forget) await this.store.forget(subject);
    for (const subject of takeBack) await this.store.takeBack(subject);
  }

  /** Resets the counters of this account for all addresses. */
  forgetAccount(email: string): Promise<void> {
    return this.store.forgetAll(accountSubject(email));
  }

  /** Counts a guess at the password of a signed-in user; each session has its own limit. */
  async beginOwn(sessionId: string): Promise<CountedGuess> {
    const subject = `session:${sessionId}`;
    await this.count(subject, MAX_FAILURES.source);
    return { known: true, forget: [subject], takeBack: [] };
  }

  /** Like {@link begin}, for a one-time code of a user: ten over all devices that the user has never signed in on. */
  async beginCode(userId: string, { ip, device }: GuessSource): Promise<CountedGuess> {
    const code = codeSubject(userId);
    const known = await this.byDevice(code, device, CODE_WINDOW_MS);
    if (known) return known;
    await this.count(addressSubject(ip), MAX_FAILURES.address);
    await this.count(code, MAX_FAILURES.source, CODE_WINDOW_MS);
    return { known: false, forget: [code], takeBack: [addressSubject(ip)] };
  }

  /** Counts a password reset e-mail, for any account. Error: TOO_MANY_ATTEMPTS. */
  async countReset(email: string, ip: string | null): Promise<void> {
    await this.count(`reset ${addressSubject(ip)}`, MAX_RESETS.address);
    await this.count(`reset ${accountSubject(email)}`, MAX_RESETS.account);
  }

  /** Deletes counters whose windows have ended. */
  prune(): Promise<void> {
    return this.store.prune(new Date(this.clock.now()));
  }

  /** Counts a guess from a known device; undefined when its own limit is used up, so that it counts like any other. */
  private async byDevice(
    subject: string,
    device: string | null,
    windowMs: number,
  ): Promise<CountedGuess | undefined> {
    if (device === null) return undefined;
    const own = `${subject} device:${device}`;
    const { failures } = await this.add(own, windowMs);
    return failures <= MAX_FAILURES.source ? { known: true, forget: [own], takeBack: [] } : undefined;
  }

  private add(subject: string, windowMs: number): Promise<AttemptCount> {
    const now = this.clock.now();
    return this.store.add(subject, new Date(now), new Date(now + windowMs));
  }

  private async count(subject: string, max: number, windowMs: number = ATTEMPT_WINDOW_MS): Promise<void> {
    const count = await this.add(subject, windowMs);
    if (count.failures <= max) return;
    const left = count.windowEndsAt.getTime() - this.clock.now();
    const retryAfterSeconds = Math.max(1, Math.ceil(left / 1000));
    throw new AppError('TOO_MANY_ATTEMPTS', `Too many attempts. Try again in ${waitIn(retryAfterSeconds)}.`, {
      retryAfterSeconds,
    });
  }
}
