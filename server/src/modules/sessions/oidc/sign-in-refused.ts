import type { SignInProblem } from '@keywright/schema/sign-in-problems';

/** A sign-in that leads nowhere: a code for the person, and a line for the log when an operator should look at something. */
export class SignInRefused extends Error {
  constructor(
    readonly code: SignInProblem,
    readonly note?: string,
  ) {
    super(note ?? code);
    this.name = 'SignInRefused';
  }
}
