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
  description: 'The steps of the check of a signature.',
  valuesConfig: {
    CREDENTIAL: { description: 'No API key comes beside the signature; there only when one does.' },
    PROFILE: { description: 'Which of the profiles the request is signed by.' },
    SHAPE: { description: 'What the profile is made of is there once, and well formed.' },
    PARAMETERS: { description: 'RFC 9421: the parameters of the signature.' },
    COVERAGE: { description: 'RFC 9421: the signature covers what it must.' },
    COMPONENTS: { description: 'RFC 9421: what is covered has a value in the request.' },
    TIME: { description: 'The time of the signature is near enough.' },
    KEY: { description: 'The request names this key.' },
    SIGNATURE: { description: 'The signature was made with a secret of the key.' },
    ACCEPTED: { description: 'The key accepts the profile.' },
    BODY: { description: 'RFC 9421: the body has the digest that is covered. Verification does not see it.' },
    NONCE: { description: 'RFC 9421: whether the nonce was used in this process.' },
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
  description: 'How a step of the check of a signature went.',
  valuesConfig: {
    PASSED: { description: 'It went well.' },
    FAILED: { description: 'The request is refused for it.' },
    NOT_REACHED: { description: 'A step before it failed.' },
    NOTE: { description: 'Worth knowing; the request is not refused for it.' },
  },
});

@InputType('ExplainSignatureInput', { description: 'A request, and the key that should have signed it.' })
export class ExplainSignatureInput {
  @Field(() => ID, { description: 'A key of the kind SIGNED.' })
  apiKeyId!: string;

  @Field(() => String, {
    description:
      'The request: its HTTP text, also as curl -v shows it, or a curl command as shells and browsers write it. At most 64 KB. Nothing of it is kept.',
  })
  pasted!: string;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'As of when to check it, for a request of earlier; absent: now.',
  })
  at?: Date | null;
}

@ObjectType('SignatureStep', { description: 'One step of the check of a signature.' })
class SignatureStepType {
  @Field(() => SignatureStepNameEnum, { description: 'Which step.' })
  name!: ExplainedStepName;

  @Field(() => SignatureStepOutcomeEnum, { description: 'How it went.' })
  outcome!: StepOutcome;

  @Field(() => String, { description: 'What was found and, where it failed, what is likely wrong.' })
  detail!: string;
}

@ObjectType('SignatureExplanation', {
  description: 'How verification looks at the signature of a request, step by step.',
})
export class SignatureExplanationType {
  @Field(() => Boolean, { description: 'Whether no step failed.' })
  passes!: boolean;

  @Field(() => String, {
    nullable: true,
    description:
      'The code that verification refuses the signature with: KEY_MISSING (not signed), AMBIGUOUS_CREDENTIAL, SIGNATURE_INVALID or SIGNATURE_EXPIRED; null: it accepts it.',
  })
  code!: string | null;

  @Field(() => SignatureProfileEnum, {
    nullable: true,
    description: 'How the request is signed; null where that cannot be told.',
  })
  profile!: SignatureProfile | null;

  @Field(() => [SignatureStepType], { description: 'The steps, in order.' })
  steps!: SignatureStepType[];

  @Field(() => String, {
    nullable: true,
    description: 'The exact string to sign, with line feeds; null where it cannot be told.',
  })
  stringToSign!: string | null;

  @Field(() => String, { description: 'Method of the request, as it was read.' })
  method!: string;

  @Field(() => String, { description: 'Path and query of the request, as they were read.' })
  url!: string;

  @Field(() => [String], { description: 'What of the text could not be read, or matters otherwise.' })
  notes!: string[];

  @Field(() => DateTimeScalar, { description: 'As of when the request was checked.' })
  checkedAt!: Date;
}
