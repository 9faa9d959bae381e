import { AppError } from '../../../core/errors.js';
import type { InTransaction } from '../../../core/transaction.js';
import { hashToken, isToken, mintToken } from '../../../core/random-token.js';
import type { RequestContext } from '../../access/decide/principal.js';
import { parseProfile } from '../../users/user.js';
import { addOwner, type OwnerDeps } from './add-owner.js';
import { checkNewPassword, type PasswordHasher } from '../passwords/password.js';
import type { IssuedSession } from '../sessions/session.js';
import type { SessionService } from '../sessions/session-service.js';

export interface OwnerSetUpDeps extends OwnerDeps {
  readonly inTransaction: InTransaction;
  readonly passwords: PasswordHasher;
  readonly sessions: SessionService;
}

/** Input for creating the first owner. */
export interface OwnerInput {
  readonly email: string;
  readonly name: string;
  readonly password: string;
}

/** Creates the first owner, once: by a one-time link or unattended. */
export class OwnerSetUp {
  private done = false;

  constructor(private readonly deps: OwnerSetUpDeps) {}

  /** Whether no user who could sign in exists yet. */
  async required(): Promise<boolean> {
    this.done ||= await this.deps.users.exists();
    return !this.done;
  }

  /** A new one-time token while setup is required, otherwise null; invalidates earlier tokens. */
  async issueToken(): Promise<string | null> {
    if (!(await this.required())) return null;
    const token = mintToken();
    await this.deps.installation.setSetUpToken(hashToken(token));
    return token;
  }

  /**
   * Creates the owner with the one-time token and signs them in. Errors: BAD_USER_INPUT; FORBIDDEN for a used or wrong
   * token.
   */
  async setUp(token: string, input: OwnerInput, context: RequestContext): Promise<IssuedSession> {
    const hash = isToken(token) ? hashToken(token) : null;
    if (!hash || !(await this.deps.installation.hasSetUpToken(hash))) throw spent();
    const profile = parseProfile(input);
    checkNewPassword(input.password);
    const passwordHash = await this.deps.passwords.hash(input.password);
    return this.deps.inTransaction(async (tx) => {
      if (!(await this.deps.installation.takeSetUpToken(tx, hash))) throw spent();
      if (await this.deps.users.exists(tx)) throw spent();
      const user = await addOwner(this.deps, tx, { ...profile, passwordHash }, context.ip);
      return this.deps.sessions.start(tx, user, context);
    });
  }

  /** Creates the owner from the settings unless a user exists; returns whether it did. Error: BAD_USER_INPUT. */
  async ensureOwner(owner: { readonly email: string; readonly password: string }): Promise<boolean> {
    if (!(await this.required())) return false;
    const profile = parseProfile({ email: owner.email, name: 'Owner' });
    checkNewPassword(owner.password);
    const passwordHash = await this.deps.passwords.hash(owner.password);
    return this.deps.inTransaction(async (tx) => {
      await this.deps.installation.lock(tx);
      if (await this.deps.users.exists(tx)) return false;
      await addOwner(this.deps, tx, { ...profile, passwordHash }, null);
      return true;
    });
  }
}

const spent = (): AppError =>
  new AppError(
    'FORBIDDEN',
    'This set-up link is no longer valid. Sign in, or restart Keywright for a new link if no owner exists yet.',
  );
