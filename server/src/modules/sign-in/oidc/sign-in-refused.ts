import type { SignInProblem } from '@keywright/schema/sign-in-problems';

/** A rejected sign-in: a code for the person, and a log message if an operator should act. */
export class SignInRefused extends Error {
  constructor(
    readonly code: SignInProblem,
    readonly note?: string,
  ) {
    super(note ?? code);
    this.name = 'SignInRefused';
  }
}
