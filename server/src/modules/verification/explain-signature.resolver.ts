import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { authorize, type RequestContext } from '../access/decide/principal.js';
import { ExplainSignatureInput, SignatureExplanationType } from './explain-signature.type.js';
import type { ExplainedRequest, SignatureExplainer } from './signature-explainer.js';

/** Explains the signature of a request. A mutation, so that pasted input never appears in a URL. */
@Resolver()
export class ExplainSignatureResolver {
  constructor(private readonly explainer: SignatureExplainer) {}

  @Mutation(() => SignatureExplanationType, {
    description:
      'Explains why a signed request is accepted or rejected, without consuming it: it is neither counted nor logged, and changes nothing. The secret and the correct signature are never revealed. At most 60 a minute. Needs keywright.verify at the scope of the key. Errors: NOT_FOUND, FORBIDDEN, KEY_REVOKED, BAD_USER_INPUT (apiKeyId of a BEARER key, pasted), TOO_MANY_ATTEMPTS.',
  })
  explainSignature(
    @Ctx() context: RequestContext,
    @Arg('input', () => ExplainSignatureInput) input: ExplainSignatureInput,
  ): ExplainedRequest {
    return this.explainer.explain(authorize(context, 'keywright.verify'), input);
  }
}
