import { AppError } from '../../../core/errors.js';

/** Rejects password operations if people sign in only through the identity provider. Error: FORBIDDEN. */
export function requireLocalSignIn(on: boolean): void {
  if (!on) {
    throw new AppError(
      'FORBIDDEN',
      'Passwords are not accepted here. Sign in through the identity provider.',
    );
  }
}
