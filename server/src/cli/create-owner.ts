import { systemClock } from '../core/clock.js';
import { AppError } from '../core/errors.js';
import { transactionsOf } from '../core/transaction.postgres.js';
import { addOwner } from '../modules/sign-in/set-up/add-owner.js';
import { InstallationStore } from '../modules/sign-in/set-up/installation-store.postgres.js';
import { checkNewPassword, PasswordHasher } from '../modules/sign-in/passwords/password.js';
import { parseProfile } from '../modules/users/user.js';
import { PostgresUserStore } from '../modules/users/user-store.postgres.js';
import type { Command } from './command.js';
import { recorder } from './recorder.js';
import { unlockWorkspace } from './workspace.js';

/** Profile and password of a new owner. */
export interface OwnerRequest {
  readonly email: string;
  readonly name: string;
  readonly password: string;
}

/** Checks the request before anything is opened. Error: BAD_USER_INPUT. */
export function checkOwner(request: OwnerRequest): OwnerRequest {
  const profile = parseProfile(request);
  checkNewPassword(request.password);
  return { ...request, ...profile };
}

/** Creates an owner in addition to existing ones. Error: NAME_TAKEN. */
export const createOwner =
  ({ email, name, password }: OwnerRequest): Command =>
  async ({ workspace, terminal }) => {
    const { dataSource, config } = workspace;
    await unlockWorkspace(workspace);
    const users = new PostgresUserStore(dataSource);
    if (await users.findCredentials(email)) {
      throw new AppError('NAME_TAKEN', `A user with the address ${email} already exists.`);
    }
    const passwordHash = await new PasswordHasher().hash(password);
    const deps = {
      clock: systemClock,
      users,
      installation: new InstallationStore(dataSource),
      events: recorder(),
    };
    await transactionsOf(dataSource)((tx) => addOwner(deps, tx, { email, name, passwordHash }, null));
    terminal.print(`${email} is now an owner.`);
    if (!config.localSignIn) {
      terminal.printError('Nobody can sign in with a password while KEYWRIGHT_LOCAL_SIGN_IN is off.');
    }
    return true;
  };
