import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { authorizeAt, type RequestContext } from '../../access/decide/principal.js';
import type { TwoFactorPolicy } from './two-factor-policy.js';

/** Changes how people sign in. */
@Resolver()
export class SettingsResolver {
  constructor(private readonly twoFactor: TwoFactorPolicy) {}

  @Mutation(() => Boolean, {
    description:
      'Sets whether password sign-ins require a second factor; users without one can then only enroll. ' +
      'Returns the new value. Needs keywright.settings.manage at the root.',
  })
  async setTwoFactorRequired(
    @Ctx() context: RequestContext,
    @Arg('required', () => Boolean) required: boolean,
  ): Promise<boolean> {
    await this.twoFactor.set(required, authorizeAt(context, 'keywright.settings.manage'));
    return required;
  }
}
