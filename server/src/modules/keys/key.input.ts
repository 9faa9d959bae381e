import { Field, ID, InputType, Int } from 'type-graphql';
import { GrantInput } from '../access/grant.input.js';
import { DateScalar } from '../scalars/date.js';
import { DateTimeScalar } from '../scalars/date-time.js';
import { JsonScalar } from '../scalars/json.js';
import type { QuotaPeriod } from '../limits/limit-rules.js';
import { EnvironmentEnum, KeyKindEnum, QuotaPeriodEnum, SignatureProfileEnum } from './key.enums.js';
import type { KeyKind } from './key.js';
import type { SignatureProfile } from '../signatures/signature-profile.js';
import type { Environment } from './token.js';

@InputType('RateLimitInput', { description: 'A window of a rate limit.' })
export class RateLimitInput {
  @Field(() => String, { description: 'Lower-case letters, digits, hyphens; unique on the key.' })
  name!: string;

  @Field(() => Int, { description: 'Verifications allowed in the window, 1 to 1,000,000,000.' })
  limit!: number;

  @Field(() => Int, { description: 'Length of the window, 1 second to 31 days.' })
  windowSeconds!: number;
}

@InputType('QuotaInput', { description: 'Units of cost allowed in a calendar period.' })
export class QuotaInput {
  @Field(() => QuotaPeriodEnum, { description: 'Unique on the key.' })
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
      'Short for one grant where the key lies; or grants. On a key of a service account they narrow what it inherits.',
  })
  permissions?: string[] | null;

  @Field(() => [GrantInput], {
    nullable: true,
    description:
      'Grants; an empty list means nothing. They replace those that the caller can see. null: inherits everything, or holds nothing.',
  })
  grants?: GrantInput[] | null;

  @Field(() => [RateLimitInput], { nullable: true, description: 'Up to 8 windows.' })
  rateLimits?: RateLimitInput[] | null;

  @Field(() => [QuotaInput], { nullable: true, description: 'At most one of each period.' })
  quotas?: QuotaInput[] | null;

  @Field(() => [String], { nullable: true, description: 'IP addresses and CIDR ranges; none: anywhere.' })
  allowedCidrs?: string[] | null;

  @Field(() => JsonScalar, { nullable: true, description: 'A JSON object, up to 16 KB and 20 levels.' })
  metadata?: unknown;
}

@InputType('CreateApiKeyInput', { description: 'What a new key is made of.' })
export class CreateApiKeyInput extends KeySettingsInput {
  @Field(() => String, { description: 'Unique among keys that are not revoked; 1 to 50 characters.' })
  name!: string;

  @Field(() => KeyKindEnum, { defaultValue: 'BEARER', description: 'BEARER or SIGNED; fixed from now on.' })
  kind!: KeyKind;

  @Field(() => [SignatureProfileEnum], {
    nullable: true,
    description: 'How a SIGNED key may sign: at least one. None for BEARER.',
  })
  signatureProfiles?: SignatureProfile[] | null;

  @Field(() => EnvironmentEnum, { defaultValue: 'PRODUCTION', description: 'Fixed from now on.' })
  environment!: Environment;

  @Field(() => Boolean, { defaultValue: true, description: 'Whether it works at once.' })
  enabled!: boolean;

  @Field(() => Boolean, { defaultValue: false, description: 'Whether it is protected from being revoked.' })
  locked!: boolean;

  @Field(() => ID, {
    nullable: true,
    description: 'Inherits the grants of this service account; own permissions or grants then narrow them.',
  })
  serviceAccountId?: string | null;

  @Field(() => ID, {
    nullable: true,
    description:
      'Where the key lies. Absent: where its service account lies, else the lowest scope above all its grants.',
  })
  scopeId?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'Makes a repeated call harmless: it makes no second key and answers CONFLICT. Kept for 24 h.',
  })
  idempotencyKey?: string | null;
}

@InputType('UpdateApiKeyInput', {
  description: 'Absent members are left alone; null clears where that means something.',
})
export class UpdateApiKeyInput extends KeySettingsInput {
  @Field(() => ID, { description: 'Key ID.' })
  id!: string;

  @Field(() => String, { nullable: true, description: 'Unique among keys that are not revoked.' })
  name?: string | null;

  @Field(() => Boolean, { nullable: true, description: 'Switches the key on or off.' })
  enabled?: boolean | null;

  @Field(() => [SignatureProfileEnum], {
    nullable: true,
    description: 'How a SIGNED key may sign from now on: at least one.',
  })
  signatureProfiles?: SignatureProfile[] | null;

  @Field(() => Boolean, { nullable: true, description: 'Protects the key from being revoked.' })
  locked?: boolean | null;
}
