import { AppError, badInput } from '../../../core/errors.js';
import { requirePerson, type Principal, type RequestContext } from '../../access/decide/principal.js';
import { mayUsePassword } from '../../users/user.js';
import type { UserCredentials, UserStore } from '../../users/user-store.js';
import type { Attempts } from './attempts.js';
import type { PasswordHasher } from './password.js';

/** A caller who is a person. */
export interface UserPrincipal extends Principal {
  readonly userId: string;
}

/** The caller, who must be a signed-in user. Errors: UNAUTHENTICATED, FORBIDDEN for an API key. */
export function requireUser(context: RequestContext): UserPrincipal {
  const principal = requirePerson(context);
  return { ...principal, userId: principal.actor.id! };
}

/** Requires users to re-enter their own password before operations that a stolen session must not perform. */
export class OwnPassword {
  constructor(
    private readonly users: UserStore,
    private readonly passwords: PasswordHasher,
    private readonly attempts: Attempts,
  ) {}

  /**
   * Verifies the password and returns the user. Errors: BAD_USER_INPUT at `path`, TOO_MANY_ATTEMPTS, CONFLICT for a
   * user without a password.
   */
  async require(principal: UserPrincipal, password: string, path: string): Promise<UserCredentials> {
    const found = await this.users.credentialsOf(principal.userId);
    if (!found) throw new AppError('UNAUTHENTICATED', 'The session has ended. Sign in again.');
    const { user, passwordHash } = found;
    if (passwordHash === null || !mayUsePassword(user)) {
      throw new AppError(
        'CONFLICT',
        'Your account has no password here. Sign in through the identity provider.',
      );
    }
    const guess = await this.attempts.beginOwn(principal.sessionId ?? principal.userId);
    if (!(await this.passwords.matches(passwordHash, password, 'KNOWN'))) {
      throw badInput([{ path, message: 'The password is wrong.' }]);
    }
    await this.attempts.succeed(guess);
    return found;
  }
}
