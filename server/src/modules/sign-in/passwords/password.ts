import { MAX_PASSWORD, MIN_PASSWORD } from '@keywright/schema/bounds';
import { hash, verify } from '@node-rs/argon2';
import { AppError, badInput } from '../../../core/errors.js';
import { isStorableText, lengthOf } from '../../../core/text.js';

/** Argon2id with 19 MiB, two passes and one lane, as the OWASP password storage cheat sheet recommends. */
const PARAMETERS = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** A higher number would starve the thread pool that the rest of the process shares. */
const MAX_CONCURRENT = 2;
const MAX_WAITING = 60;

/** Priority of a hash: KNOWN for people with a session, a link or a known device, UNKNOWN for anyone else. */
export type HashPriority = 'KNOWN' | 'UNKNOWN';

/** A request that waits for a hash. */
interface Waiting {
  start(): void;
  turnAway(error: unknown): void;
}

/**
 * Hash of a password that nobody has. Unknown accounts are compared with it, so that they take as long as known ones.
 */
export const NOBODY_HASH =
  '$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IGhhcyB0aGlzIQ$Gwu9oVNZ6XNP2y2ldcLdWJdm3wqPKzhH4qGPzGn4cZE';

/** Rejects a new password that is too short, too long or not storable text. Error: BAD_USER_INPUT at `path`. */
export function checkNewPassword(password: string, path = 'password'): void {
  const length = lengthOf(password);
  if (length < MIN_PASSWORD || length > MAX_PASSWORD || !isStorableText(password)) {
    const message = `A password must have ${MIN_PASSWORD} to ${MAX_PASSWORD} characters.`;
    throw badInput([{ path, message }]);
  }
}

const tooMany = (): AppError =>
  new AppError('UNAVAILABLE', 'Too many sign-ins at once. Try again in a moment.', { retryAfterSeconds: 5 });

/**
 * Hashes and compares passwords, two at a time. Known people are served first, in order. All others are served last in,
 * first out, and when too many wait, the oldest is rejected: in a flood, a sign-in is answered soon or not at all
 * instead of after all earlier requests. Error: UNAVAILABLE.
 */
export class PasswordHasher {
  private running = 0;
  private readonly known: Waiting[] = [];
  private readonly unknown: Waiting[] = [];

  constructor(private readonly maxWaiting: number = MAX_WAITING) {}

  /** The PHC string to store. */
  hash(password: string): Promise<string> {
    return this.limited('KNOWN', () => hash(password.normalize('NFKC'), PARAMETERS));
  }

  /** Whether the password is correct; null stands for an unknown account, and takes as long. */
  async matches(stored: string | null, password: string, priority: HashPriority): Promise<boolean> {
    const compare = (): Promise<boolean> => verify(stored ?? NOBODY_HASH, password.normalize('NFKC'));
    const same = await this.limited(priority, compare);
    return same && stored !== null;
  }

  private async limited<T>(priority: HashPriority, work: () => Promise<T>): Promise<T> {
    if (this.running < MAX_CONCURRENT) this.running += 1;
    else await this.wait(priority);
    try {
      return await work();
    } finally {
      const next = this.known.shift() ?? this.unknown.pop();
      if (next) next.start();
      else this.running -= 1;
    }
  }

  private wait(priority: HashPriority): Promise<void> {
    return new Promise((start, turnAway) => {
      const waiting: Waiting = { start, turnAway };
      if (priority === 'UNKNOWN') {
        this.unknown.push(waiting);
        if (this.unknown.length > this.maxWaiting) this.unknown.shift()!.turnAway(tooMany());
      } else if (this.known.length < this.maxWaiting) this.known.push(waiting);
      else turnAway(tooMany());
    });
  }
}
