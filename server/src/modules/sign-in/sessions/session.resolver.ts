import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { requireLocalSignIn } from '../passwords/local-sign-in.js';
import type { OwnerSetUp } from '../set-up/owner-set-up.js';
import type { SessionRequestContext } from './session-context.js';
import type { SessionService } from './session-service.js';
import { SignInPayload } from './session.type.js';
import type { SignIn } from './sign-in.js';
import { payloadOf } from './sign-in-payload.js';

/** Signs in and out. */
@Resolver()
export class SessionResolver {
  constructor(
    private readonly signIns: SignIn,
    private readonly sessions: SessionService,
    private readonly setUp: OwnerSetUp,
    /** Whether passwords are accepted. */
    private readonly localSignIn: boolean,
  ) {}

  @Mutation(() => SignInPayload, {
    description:
      'Starts a session, or asks for a one-time code; in that case, continue with completeTwoFactor. ' +
      'Errors: UNAUTHENTICATED, the same for every reason; TOO_MANY_ATTEMPTS with retryAfterSeconds; FORBIDDEN where passwords are not accepted.',
  })
  async signIn(
    @Ctx() context: SessionRequestContext,
    @Arg('email', () => String) email: string,
    @Arg('password', () => String) password: string,
  ): Promise<SignInPayload> {
    requireLocalSignIn(this.localSignIn);
    return payloadOf(await this.signIns.withPassword(email, password, context), context);
  }

  @Mutation(() => SignInPayload, {
    description:
      'Finishes a sign-in with a one-time code or a recovery code. Errors: UNAUTHENTICATED if the sign-in is over (five ' +
      'minutes, five wrong codes, or already used), so start again; BAD_USER_INPUT for a wrong code, so try another; TOO_MANY_ATTEMPTS.',
  })
  async completeTwoFactor(
    @Ctx() context: SessionRequestContext,
    @Arg('challenge', () => String) challenge: string,
    @Arg('code', () => String) code: string,
  ): Promise<SignInPayload> {
    return payloadOf({ session: await this.signIns.withCode(challenge, code, context) }, context);
  }

  @Mutation(() => Boolean, { description: 'Ends the session of the request; false if there is none.' })
  async signOut(@Ctx() context: SessionRequestContext): Promise<boolean> {
    context.cookies.clear();
    return this.sessions.signOut(context.principal);
  }

  @Mutation(() => SignInPayload, {
    description:
      'Creates the first owner with the one-time token of the setup link, and signs them in. Errors: BAD_USER_INPUT, FORBIDDEN.',
  })
  async setUpOwner(
    @Ctx() context: SessionRequestContext,
    @Arg('token', () => String) token: string,
    @Arg('email', () => String) email: string,
    @Arg('name', () => String) name: string,
    @Arg('password', () => String) password: string,
  ): Promise<SignInPayload> {
    return payloadOf({ session: await this.setUp.setUp(token, { email, name, password }, context) }, context);
  }
}
