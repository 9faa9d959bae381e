import type { VerifyAnswer } from '@keywright/schema/client';
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { authorize, type RequestContext } from '../access/decide/principal.js';
import { JsonScalar } from '../scalars/json.js';
import type { VerificationService } from './verification-service.js';
import { readVerifyBody } from './verify-input.js';
import { answerQuestion } from './verify-endpoint.js';

/** Verifies over GraphQL what `POST /v1/verify` verifies over HTTP. */
@Resolver()
export class VerifyResolver {
  constructor(private readonly service: VerificationService) {}

  @Mutation(() => JsonScalar, {
    description:
      'Verifies a key for real: same fields and same answer as POST /v1/verify. The verification is counted and logged. Needs keywright.verify at the scope of the key; other keys are answered like unknown ones.',
  })
  async verifyApiKey(
    @Ctx() context: RequestContext,
    @Arg('input', () => JsonScalar) input: unknown,
  ): Promise<VerifyAnswer> {
    const { access } = authorize(context, 'keywright.verify');
    const text = await answerQuestion(this.service, readVerifyBody(input, access));
    await this.service.safe();
    return JSON.parse(text) as VerifyAnswer;
  }
}
