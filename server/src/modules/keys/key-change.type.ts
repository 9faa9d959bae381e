import { Field, ID, Int, ObjectType } from 'type-graphql';
import type { Actor } from '../access/decide/actor.js';
import { ActorType } from '../access/decide/actor.type.js';
import { DateTimeScalar } from '../scalars/date-time.js';
import { ApiKeyType } from './key.type.js';

@ObjectType('Propagation', { description: 'How far a change has propagated to the processes that verify.' })
export class PropagationType {
  @Field(() => String, { description: 'Identifies the change, for the query propagation.' })
  changeToken!: string;

  @Field(() => Int, { description: 'Number of processes that verify.' })
  nodes!: number;

  @Field(() => Int, { description: 'Number of these processes that have applied the change.' })
  applied!: number;

  @Field(() => Boolean, {
    description:
      'Whether the change is live: all processes that verify have applied it, and at least one has reported in the last ten seconds.',
  })
  complete!: boolean;

  @Field(() => Int, { nullable: true, description: 'Milliseconds from the commit until all had applied it.' })
  milliseconds!: number | null;
}

@ObjectType('IssuedSecret', { description: 'Shown once. Never stored, never logged, never returned again.' })
export class IssuedSecretType {
  @Field(() => ID, { description: 'Key ID.' })
  keyId!: string;

  @Field(() => String, { description: 'The secret; for BEARER, the whole token.' })
  secret!: string;

  @Field(() => String, { description: "Base URL of the sample API in the key's environment." })
  apiUrl!: string;

  @Field(() => String, {
    description: 'A CSV file: API Title, API URL, Access ID, Secret Key, Expires On.',
  })
  csv!: string;
}

@ObjectType('IssuedApiKey', { description: 'A key with a secret that is shown once.' })
export class IssuedApiKeyType {
  @Field(() => ApiKeyType, { description: 'The key.' })
  apiKey!: ApiKeyType;

  @Field(() => IssuedSecretType, { description: 'The secret, returned only once.' })
  secret!: IssuedSecretType;

  @Field(() => PropagationType, { description: 'How far the change has propagated.' })
  propagation!: PropagationType;
}

@ObjectType('ApiKeyPayload', { description: 'A key after a change.' })
export class ApiKeyPayload {
  @Field(() => ApiKeyType, { description: 'The key as it is now.' })
  apiKey!: ApiKeyType;

  @Field(() => PropagationType, { description: 'How far the change has propagated.' })
  propagation!: PropagationType;
}

@ObjectType('BulkFailure', { description: 'A key that a bulk operation could not change, and why.' })
export class BulkFailureType {
  @Field(() => ID, { description: 'Key ID.' })
  id!: string;

  @Field(() => String, { description: 'Error code, as in extensions.code.' })
  code!: string;

  @Field(() => String, { description: 'Human-readable message.' })
  message!: string;
}

@ObjectType('BulkPayload', { description: 'The result of a bulk operation, per key.' })
export class BulkPayloadType {
  @Field(() => [ID], { description: 'Keys that were changed.' })
  succeeded!: string[];

  @Field(() => [BulkFailureType], { description: 'Keys that were not changed.' })
  failed!: BulkFailureType[];

  @Field(() => PropagationType, {
    nullable: true,
    description: 'How far all these changes have propagated; null if no key was changed.',
  })
  propagation!: PropagationType | null;
}

@ObjectType('ApiKeyChange', { description: 'A change of a key, as it happens.' })
export class ApiKeyChangeType {
  @Field(() => DateTimeScalar, { description: 'When it happened.' })
  at!: Date;

  @Field(() => ApiKeyType, { description: 'The key as it is now.' })
  apiKey!: ApiKeyType;

  @Field(() => String, { description: 'What was done, as in the audit log.' })
  action!: string;

  @Field(() => ActorType, { description: 'Who did it.' })
  actor!: Actor;
}
