import { hash, verify } from '@node-rs/argon2';
import { AppError, badInput } from '../../core/errors.js';
import { isStorableText, lengthOf } from '../../core/text.js';

/** Shortest and longest password, in characters. */
export const PASSWORD_LENGTH = { least: 12, most: 200 } as const;

/** Argon2id with 19 MiB, two passes and one lane, as OWASP's password storage cheat sheet recommends. */
const PARAMETERS = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** More would starve the thread pool that the rest of the process shares. */
const MAX_CONCURRENT = 2;
const MAX_WAITING = 100;

/** Of a password that nobody has: what unknown accounts are compared with, so that they take as long as known ones. */
export const NOBODY_HASH =
  '$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IGhhcyB0aGlzIQ$Gwu9oVNZ6XNP2y2ldcLdWJdm3wqPKzhH4qGPzGn4cZE';

/** Refuses a new password that is too short, too long or not text; error: BAD_USER_INPUT at `path`. */
export function checkNewPassword(password: string, path = 'password'): void {
  const length = lengthOf(password);
  if (length < PASSWORD_LENGTH.least || length > PASSWORD_LENGTH.most || !isStorableText(password)) {
    const message = `A password has ${PASSWORD_LENGTH.least} to ${PASSWORD_LENGTH.most} characters.`;
    throw badInput([{ path, message }]);
  }
}

/** Hashes and compares passwords, two at a time. Error: UNAVAILABLE when a hundred others wait. */
export class PasswordHasher {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly maxWaiting: number = MAX_WAITING) {}

  /** The PHC string to store. */
  hash(password: string): Promise<string> {
    return this.limited(() => hash(password.normalize('NFKC'), PARAMETERS));
  }

  /** Whether the password is right; null stands for an account that does not exist, and takes as long. */
  async matches(stored: string | null, password: string): Promise<boolean> {
    const same = await this.limited(() => verify(stored ?? NOBODY_HASH, password.normalize('NFKC')));
    return same && stored !== null;
  }

  private async limited<T>(work: () => Promise<T>): Promise<T> {
    if (this.running >= MAX_CONCURRENT) {
      if (this.waiting.length >= this.maxWaiting) {
        throw new AppError('UNAVAILABLE', 'Too many sign-ins at once. Try again in a moment.', {
          retryAfterSeconds: 5,
        });
      }
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    } else {
      this.running += 1;
    }
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.running -= 1;
    }
  }
}
