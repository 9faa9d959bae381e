import { AppError } from '../../core/errors.js';

/** Refuses whatever is done with a password where people sign in through the identity provider only; error: FORBIDDEN. */
export function requireLocalSignIn(on: boolean): void {
  if (!on) {
    throw new AppError(
      'FORBIDDEN',
      'Passwords are not accepted here. Sign in through the identity provider.',
    );
  }
}
