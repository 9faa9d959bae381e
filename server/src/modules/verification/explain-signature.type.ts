import { Field, ID, InputType, ObjectType, registerEnumType } from 'type-graphql';
import { SignatureProfileEnum } from '../keys/key.enums.js';
import { DateTimeScalar } from '../scalars/date-time.js';
import type { ExplainedStepName, StepOutcome } from '../signatures/explain/explanation.js';
import type { SignatureProfile } from '../signatures/signature-profile.js';

const SignatureStepNameEnum = {
  CREDENTIAL: 'CREDENTIAL',
  PROFILE: 'PROFILE',
  SHAPE: 'SHAPE',
  PARAMETERS: 'PARAMETERS',
  COVERAGE: 'COVERAGE',
  COMPONENTS: 'COMPONENTS',
  TIME: 'TIME',
  KEY: 'KEY',
  SIGNATURE: 'SIGNATURE',
  ACCEPTED: 'ACCEPTED',
  BODY: 'BODY',
  NONCE: 'NONCE',
} as const satisfies Record<ExplainedStepName, ExplainedStepName>;
registerEnumType(SignatureStepNameEnum, {
  name: 'SignatureStepName',
  description: 'The steps of a signature check.',
  valuesConfig: {
    CREDENTIAL: { description: 'No API key is sent with the signature; this step only exists if one is.' },
    PROFILE: { description: 'Which profile the request is signed with.' },
    SHAPE: { description: 'Each part of the profile is present once, and well formed.' },
    PARAMETERS: { description: 'RFC 9421: the parameters of the signature.' },
    COVERAGE: { description: 'RFC 9421: the signature covers the required components.' },
    COMPONENTS: { description: 'RFC 9421: every covered component has a value in the request.' },
    TIME: { description: 'The time of the signature is close enough.' },
    KEY: { description: 'The request names this key.' },
    SIGNATURE: { description: 'The signature was made with a secret of the key.' },
    ACCEPTED: { description: 'The key accepts the profile.' },
    BODY: {
      description: 'RFC 9421: the body matches the covered digest. Verification does not see the body.',
    },
    NONCE: { description: 'RFC 9421: whether this process has seen the nonce.' },
  },
});

const SignatureStepOutcomeEnum = {
  PASSED: 'PASSED',
  FAILED: 'FAILED',
  NOT_REACHED: 'NOT_REACHED',
  NOTE: 'NOTE',
} as const satisfies Record<StepOutcome, StepOutcome>;
registerEnumType(SignatureStepOutcomeEnum, {
  name: 'SignatureStepOutcome',
  description: 'The outcome of a step of a signature check.',
  valuesConfig: {
    PASSED: { description: 'The step passed.' },
    FAILED: { description: 'The request is rejected because of this step.' },
    NOT_REACHED: { description: 'An earlier step failed.' },
    NOTE: { description: 'Informational; the request is not rejected because of it.' },
  },
});

@InputType('ExplainSignatureInput', { description: 'A request and the key that should have signed it.' })
export class ExplainSignatureInput {
  @Field(() => ID, { description: 'A SIGNED key.' })
  apiKeyId!: string;

  @Field(() => String, {
    description:
      'The request: its HTTP text, also in the format of curl -v, or a curl command as written by shells and browsers. At most 64 KB. None of it is stored.',
  })
  pasted!: string;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'The time at which to check it, for an earlier request; now if absent.',
  })
  at?: Date | null;
}

@ObjectType('SignatureStep', { description: 'One step of a signature check.' })
class SignatureStepType {
  @Field(() => SignatureStepNameEnum, { description: 'Which step.' })
  name!: ExplainedStepName;

  @Field(() => SignatureStepOutcomeEnum, { description: 'Its outcome.' })
  outcome!: StepOutcome;

  @Field(() => String, { description: 'What was found and, if it failed, the likely cause.' })
  detail!: string;
}

@ObjectType('SignatureExplanation', {
  description: 'How verification checks the signature of a request, step by step.',
})
export class SignatureExplanationType {
  @Field(() => Boolean, { description: 'Whether no step failed.' })
  passes!: boolean;

  @Field(() => String, {
    nullable: true,
    description:
      'The code with which verification rejects the signature: KEY_MISSING (not signed), AMBIGUOUS_CREDENTIAL, SIGNATURE_INVALID or SIGNATURE_EXPIRED; null if it is accepted.',
  })
  code!: string | null;

  @Field(() => SignatureProfileEnum, {
    nullable: true,
    description: 'How the request is signed; null if unknown.',
  })
  profile!: SignatureProfile | null;

  @Field(() => [SignatureStepType], { description: 'The steps, in order.' })
  steps!: SignatureStepType[];

  @Field(() => String, {
    nullable: true,
    description: 'The exact string to sign, with line feeds; null if unknown.',
  })
  stringToSign!: string | null;

  @Field(() => String, { description: 'Method of the request, as parsed.' })
  method!: string;

  @Field(() => String, { description: 'Path and query of the request, as parsed.' })
  url!: string;

  @Field(() => [String], { description: 'Parts of the text that could not be parsed, and other remarks.' })
  notes!: string[];

  @Field(() => DateTimeScalar, { description: 'The time at which the request was checked.' })
  checkedAt!: Date;
}
