import { Field, ID, InputType, Int } from 'type-graphql';
import { GrantInput } from '../access/decide/grant.input.js';
import { DateScalar } from '../scalars/date.js';
import { DateTimeScalar } from '../scalars/date-time.js';
import { JsonScalar } from '../scalars/json.js';
import type { QuotaPeriod } from '../limits/limit-rules.js';
import { EnvironmentEnum } from '../graphql-types/environment.type.js';
import { KeyKindEnum, QuotaPeriodEnum, SignatureProfileEnum } from './key.enums.js';
import type { KeyKind } from './key.js';
import type { SignatureProfile } from '../signatures/signature-profile.js';
import type { Environment } from '@keywright/schema/environment';

@InputType('RateLimitInput', { description: 'A rate limit window.' })
export class RateLimitInput {
  @Field(() => String, { description: 'Lowercase letters, digits, hyphens; unique per key.' })
  name!: string;

  @Field(() => Int, { description: 'Verifications allowed in the window, 1 to 1,000,000,000.' })
  limit!: number;

  @Field(() => Int, { description: 'Length of the window, 1 second to 31 days.' })
  windowSeconds!: number;
}

@InputType('QuotaInput', { description: 'Units of cost allowed in a calendar period.' })
export class QuotaInput {
  @Field(() => QuotaPeriodEnum, { description: 'Unique per key.' })
  period!: QuotaPeriod;

  @Field(() => Int, { description: 'Units of cost allowed in the period, 1 to 2,147,483,647.' })
  limit!: number;
}

/** Settings that creating and updating share. */
@InputType('KeySettingsInput')
abstract class KeySettingsInput {
  @Field(() => String, { nullable: true, description: 'Up to 1,000 characters.' })
  description?: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'In the future; or expiresOn, not both.' })
  expiresAt?: Date | null;

  @Field(() => DateScalar, { nullable: true, description: 'Until 23:59:59Z of this day.' })
  expiresOn?: string | null;

  @Field(() => [String], {
    nullable: true,
    description:
      "Shorthand for one grant at the key's scope; use either this or grants. On a key of a service account they narrow what it inherits.",
  })
  permissions?: string[] | null;

  @Field(() => [GrantInput], {
    nullable: true,
    description:
      'Grants; an empty list means none. They replace those that the caller can see. Null: a key of a service account inherits everything, any other key holds nothing.',
  })
  grants?: GrantInput[] | null;

  @Field(() => [RateLimitInput], { nullable: true, description: 'Up to 8 windows.' })
  rateLimits?: RateLimitInput[] | null;

  @Field(() => [QuotaInput], { nullable: true, description: 'At most one per period.' })
  quotas?: QuotaInput[] | null;

  @Field(() => [String], {
    nullable: true,
    description: 'IP addresses and CIDR ranges; empty means any address.',
  })
  allowedCidrs?: string[] | null;

  @Field(() => JsonScalar, { nullable: true, description: 'A JSON object, up to 16 KB and 20 levels.' })
  metadata?: unknown;
}

@InputType('CreateApiKeyInput', { description: 'Settings of a new key.' })
export class CreateApiKeyInput extends KeySettingsInput {
  @Field(() => String, { description: 'Unique among unrevoked keys; 1 to 50 characters.' })
  name!: string;

  @Field(() => KeyKindEnum, {
    defaultValue: 'BEARER',
    description: 'BEARER or SIGNED; cannot be changed later.',
  })
  kind!: KeyKind;

  @Field(() => [SignatureProfileEnum], {
    nullable: true,
    description: 'Signature profiles of a SIGNED key: at least one. None for BEARER.',
  })
  signatureProfiles?: SignatureProfile[] | null;

  @Field(() => EnvironmentEnum, { defaultValue: 'PRODUCTION', description: 'Cannot be changed later.' })
  environment!: Environment;

  @Field(() => Boolean, { defaultValue: true, description: 'Whether it is enabled immediately.' })
  enabled!: boolean;

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Whether it is locked, so that it cannot be revoked.',
  })
  locked!: boolean;

  @Field(() => ID, {
    nullable: true,
    description:
      'Inherits the grants of this service account; its own permissions or grants then narrow them.',
  })
  serviceAccountId?: string | null;

  @Field(() => ID, {
    nullable: true,
    description:
      'Scope of the key. If absent: the scope of its service account, else the lowest scope above all its grants.',
  })
  scopeId?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'Makes a call safe to repeat: a repeated call creates no second key and fails with CONFLICT. Kept for 24 h.',
  })
  idempotencyKey?: string | null;
}

@InputType('UpdateApiKeyInput', {
  description: 'Absent fields stay unchanged; null clears where that is meaningful.',
})
export class UpdateApiKeyInput extends KeySettingsInput {
  @Field(() => ID, { description: 'Key ID.' })
  id!: string;

  @Field(() => String, { nullable: true, description: 'Unique among unrevoked keys.' })
  name?: string | null;

  @Field(() => Boolean, { nullable: true, description: 'Enables or disables the key.' })
  enabled?: boolean | null;

  @Field(() => [SignatureProfileEnum], {
    nullable: true,
    description: 'New signature profiles of a SIGNED key: at least one.',
  })
  signatureProfiles?: SignatureProfile[] | null;

  @Field(() => Boolean, { nullable: true, description: 'Locks the key, so that it cannot be revoked.' })
  locked?: boolean | null;
}
