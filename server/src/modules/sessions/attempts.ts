import { createHash } from 'node:crypto';
import { isIPv6 } from 'node:net';
import type { Clock } from '../../core/clock.js';
import { AppError } from '../../core/errors.js';
import { foldEmail } from '../users/user.js';

/** How long guesses at passwords are remembered. */
export const ATTEMPT_WINDOW_MS = 15 * 60_000;

/** How long guesses at one-time codes are: whoever guesses one knows the password, and three codes count at a time. */
export const CODE_WINDOW_MS = 60 * 60_000;

/** How long guesses at an account from anywhere are. */
export const ACCOUNT_WINDOW_MS = 60 * 60_000;

/** How often an account that is guessed at from everywhere takes an attempt of a device that it does not know. */
export const SLOT_MS = 2000;

/** Most wrong guesses within their window. `account` is what an account takes from everywhere before attempts are slowed. */
const MAX_FAILURES = { source: 10, address: 50, account: 100 } as const;

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
  /** Forgets the subject and all that begin with it and a space. */
  forgetAll(subject: string): Promise<void>;
  prune(now: Date): Promise<void>;
}

/** Where a guess comes from. */
export interface GuessSource {
  readonly ip: string | null;
  /** Id of the device, if it signed in to this account before; null for any other. */
  readonly device: string | null;
}

/** A guess that was counted, to be settled if it was right. */
export interface CountedGuess {
  /** Whether it was counted by what nobody else can use up. */
  readonly known: boolean;
  readonly forget: readonly string[];
  readonly takeBack: readonly string[];
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
  `password:${createHash('sha256').update(foldEmail(email)).digest('hex')}`;

/** The subject that counts guesses at the one-time codes of a user; the right password does not free it. */
const codeSubject = (userId: string): string => `code:${userId}`;

const waitIn = (seconds: number): string =>
  seconds < 60
    ? `${seconds} ${seconds === 1 ? 'second' : 'seconds'}`
    : `${Math.ceil(seconds / 60)} ${seconds <= 60 ? 'minute' : 'minutes'}`;

/**
 * Throttles guesses. A guess is counted before it is checked, so that any number of parallel guesses gets no more tries
 * than one after the other; a right answer takes its count back. Nobody locks out a device that signed in before: its tries
 * are its own.
 */
export class Attempts {
  constructor(
    private readonly store: AttemptStore,
    private readonly clock: Clock,
  ) {}

  /**
   * Counts a guess at a password before it is checked: ten from one address at one account, fifty from one address, and once
   * an account has taken a hundred from everywhere within the hour, one every two seconds. Error: TOO_MANY_ATTEMPTS with the
   * seconds to wait.
   */
  async begin(email: string, { ip, device }: GuessSource): Promise<CountedGuess> {
    const account = accountSubject(email);
    const known = await this.byDevice(account, device, ATTEMPT_WINDOW_MS);
    if (known) return known;
    const [address, source] = [addressSubject(ip), `${account} ${addressSubject(ip)}`];
    const taken: string[] = [];
    const count = async (subject: string, most: number, windowMs: number): Promise<void> => {
      try {
        await this.count(subject, most, windowMs);
        taken.push(subject);
      } catch (error) {
        // A guess that is not let through is none.
        for (const earlier of taken) await this.store.takeBack(earlier);
        throw error;
      }
    };
    await count(address, MAX_FAILURES.address, ATTEMPT_WINDOW_MS);
    await count(source, MAX_FAILURES.source, ATTEMPT_WINDOW_MS);
    const { failures } = await this.add(account, ACCOUNT_WINDOW_MS);
    taken.push(account);
    if (failures > MAX_FAILURES.account) await count(`${account} slot`, 1, SLOT_MS);
    // An own account must not wash an address clean.
    return { known: false, forget: [source], takeBack: [address, account] };
  }

  /** The guess was right. */
  async succeed({ forget, takeBack }: CountedGuess): Promise<void> {
    for (const subject of forget) await this.store.forget(subject);
    for (const subject of takeBack) await this.store.takeBack(subject);
  }

  /** Guesses at this account count no more, wherever they came from. */
  forgetAccount(email: string): Promise<void> {
    return this.store.forgetAll(accountSubject(email));
  }

  /** Counts a guess at the password of a user who is signed in: each session has tries of its own. */
  async beginOwn(sessionId: string): Promise<CountedGuess> {
    const subject = `session:${sessionId}`;
    await this.count(subject, MAX_FAILURES.source);
    return { known: true, forget: [subject], takeBack: [] };
  }

  /** The same as {@link begin} for a one-time code of a user: ten from all devices that the user never signed in on. */
  async beginCode(userId: string, { ip, device }: GuessSource): Promise<CountedGuess> {
    const code = codeSubject(userId);
    const known = await this.byDevice(code, device, CODE_WINDOW_MS);
    if (known) return known;
    await this.count(addressSubject(ip), MAX_FAILURES.address);
    await this.count(code, MAX_FAILURES.source, CODE_WINDOW_MS);
    return { known: false, forget: [code], takeBack: [addressSubject(ip)] };
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

  /** A guess from a device that signed in before; undefined once its own tries are used up: then it counts as any other. */
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

  private async count(subject: string, most: number, windowMs: number = ATTEMPT_WINDOW_MS): Promise<void> {
    const count = await this.add(subject, windowMs);
    if (count.failures <= most) return;
    const left = count.windowEndsAt.getTime() - this.clock.now();
    const retryAfterSeconds = Math.max(1, Math.ceil(left / 1000));
    throw new AppError('TOO_MANY_ATTEMPTS', `Too many attempts. Try again in ${waitIn(retryAfterSeconds)}.`, {
      retryAfterSeconds,
    });
  }
}
