import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { requireLocalSignIn } from './local-sign-in.js';
import { requireUser } from './own-account.js';
import type { PasswordReset } from './password-reset.js';
import type { Passwords } from './passwords.js';
import type { SessionRequestContext } from '../sessions/session-context.js';
import { SignInPayload } from '../sessions/session.type.js';
import { payloadOf } from '../sessions/sign-in-payload.js';

/** Changes passwords. */
@Resolver()
export class PasswordResolver {
  constructor(
    private readonly passwords: Passwords,
    private readonly resets: PasswordReset,
    /** Whether passwords are accepted. */
    private readonly localSignIn: boolean,
  ) {}

  @Mutation(() => Boolean, {
    description:
      'Needs the current password; ends all other sessions. Errors: FORBIDDEN for an API key, BAD_USER_INPUT (currentPassword, ' +
      'newPassword), TOO_MANY_ATTEMPTS, CONFLICT for a user without a password.',
  })
  async changePassword(
    @Ctx() context: SessionRequestContext,
    @Arg('currentPassword', () => String) currentPassword: string,
    @Arg('newPassword', () => String) newPassword: string,
  ): Promise<boolean> {
    await this.passwords.change(requireUser(context), currentPassword, newPassword);
    return true;
  }

  @Mutation(() => SignInPayload, {
    description:
      'Sets the password with a one-time link, and signs in (asks for the second factor if there is one). Ends all sessions ' +
      'of the user. The link of an invitation creates the account and accepts the invitation; it never changes an existing account. Errors: ' +
      'FORBIDDEN for a link that was used, was replaced or never existed, and where passwords are not accepted; CONFLICT for an ' +
      'invitation whose recipient has an account (see acceptInvitation); BAD_USER_INPUT (password, name).',
  })
  async choosePassword(
    @Ctx() context: SessionRequestContext,
    @Arg('token', () => String) token: string,
    @Arg('password', () => String) password: string,
    @Arg('name', () => String, { nullable: true }) name?: string | null,
  ): Promise<SignInPayload> {
    requireLocalSignIn(this.localSignIn);
    return payloadOf(await this.passwords.choose(token, password, name ?? null, context), context);
  }

  @Mutation(() => Boolean, {
    description:
      'Sends a one-time link if a user has this address; the result is always the same. Error: TOO_MANY_ATTEMPTS, ' +
      'for any address.',
  })
  async requestPasswordReset(
    @Ctx() context: SessionRequestContext,
    @Arg('email', () => String) email: string,
  ): Promise<boolean> {
    requireLocalSignIn(this.localSignIn);
    await this.resets.request(email, context.ip);
    return true;
  }
}
