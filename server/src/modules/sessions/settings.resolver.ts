import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { authorizeAt, type RequestContext } from '../access/principal.js';
import type { TwoFactorPolicy } from './two-factor-policy.js';

/** Changes how people sign in. */
@Resolver()
export class SettingsResolver {
  constructor(private readonly twoFactor: TwoFactorPolicy) {}

  @Mutation(() => Boolean, {
    description:
      'Whether everyone who signs in with a password needs a second factor; whoever has none may do nothing but enrol. ' +
      'Answers what is set now. Needs keywright.settings.manage at the root.',
  })
  async setTwoFactorRequired(
    @Ctx() context: RequestContext,
    @Arg('required', () => Boolean) required: boolean,
  ): Promise<boolean> {
    await this.twoFactor.set(required, authorizeAt(context, 'keywright.settings.manage'));
    return required;
  }
}
