import { Field, ID, ObjectType, registerEnumType } from 'type-graphql';
import { PropagationType } from '../../keys/key-change.type.js';
import { DateTimeScalar } from '../../scalars/date-time.js';
import type { Excess } from '../indexed-key.js';

export const KeyHoldReasonEnum = {
  REVOKED: 'REVOKED',
  DISABLED: 'DISABLED',
  SERVICE_ACCOUNT_DISABLED: 'SERVICE_ACCOUNT_DISABLED',
  API_DISABLED: 'API_DISABLED',
  SECRET_REPLACED: 'SECRET_REPLACED',
  EXPIRY: 'EXPIRY',
  ACCESS: 'ACCESS',
  ADDRESSES: 'ADDRESSES',
  LIMITS: 'LIMITS',
  SIGNATURES: 'SIGNATURES',
} as const;
registerEnumType(KeyHoldReasonEnum, {
  name: 'KeyHoldReason',
  description:
    'What the database lost of a key: that it was revoked or disabled, that its service account was disabled or the API above it switched off, that its secret was replaced, or that its expiry, access, addresses, limits or signature methods were narrowed.',
});

@ObjectType('KeyHold', {
  description:
    'A key that is restricted to less than the database says: the database was restored or failed over, and lost a change that a process remembers. The narrower of the two applies until someone settles the hold.',
})
export class KeyHoldType {
  @Field(() => ID, { description: 'Hold ID.' })
  id!: string;

  @Field(() => ID, { description: 'Key ID.' })
  apiKeyId!: string;

  @Field(() => String, { description: 'Name of the key.' })
  apiKeyName!: string;

  @Field(() => [KeyHoldReasonEnum], { description: 'What the database lost.' })
  reasons!: Excess[];

  @Field(() => String, { description: 'Name of the machine whose process remembers it.' })
  host!: string;

  @Field(() => DateTimeScalar, { description: 'When the hold started.' })
  raisedAt!: Date;
}

@ObjectType('KeyHoldPayload', { description: 'A settled hold.' })
export class KeyHoldPayload {
  @Field(() => KeyHoldType, { description: 'The hold, which no longer restricts the key.' })
  hold!: KeyHoldType;

  @Field(() => PropagationType, { description: 'How far the change has propagated.' })
  propagation!: PropagationType;
}
