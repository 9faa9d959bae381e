import { Field, Int, ObjectType } from 'type-graphql';
import type { Actor } from '../access/actor.js';
import { ActorType } from '../access/actor.type.js';
import { BigIntScalar } from '../scalars/big-int.js';
import { DateTimeScalar } from '../scalars/date-time.js';
import { JsonScalar } from '../scalars/json.js';
import { NodeType, PageInfoType } from '../scalars/node.type.js';
import type { QuotaPeriod } from '../limits/limit-rules.js';
import {
  EnvironmentEnum,
  KeyKindEnum,
  KeyStatusEnum,
  QuotaPeriodEnum,
  SignatureProfileEnum,
} from './key.enums.js';
import type { InactiveReason, KeyKind, KeyStatus } from './key.js';
import type { SignatureProfile } from '../signatures/signature-profile.js';
import type { Environment } from './token.js';

@ObjectType('RateLimit', {
  description: 'A window of a rate limit. All windows of a key must allow a request.',
})
export class RateLimitType {
  @Field(() => String, { description: 'Name of the window, such as minute.' })
  name!: string;

  @Field(() => Int, { description: 'Verifications allowed in the window.' })
  limit!: number;

  @Field(() => Int, { description: 'Length of the window, in seconds.' })
  windowSeconds!: number;
}

@ObjectType('Quota', {
  description:
    'Units of cost allowed in a calendar period in UTC. Quotas and windows of a key must all allow a request.',
})
export class QuotaType {
  @Field(() => QuotaPeriodEnum, { description: 'The calendar period.' })
  period!: QuotaPeriod;

  @Field(() => Int, { description: 'Units of cost allowed in the period.' })
  limit!: number;
}

@ObjectType('ApiKey', {
  implements: NodeType,
  description:
    'A credential that external code presents. Its secret is shown once and is not part of it. Looking one up needs keywright.keys.read; a change returns the key it changed.',
})
export class ApiKeyType extends NodeType {
  @Field(() => String, {
    description:
      'Unique among keys of the same customer that are not revoked, or among keys of the installation; 1 to 50 characters.',
  })
  name!: string;

  @Field(() => String, { nullable: true, description: 'What the key is for; up to 1,000 characters.' })
  description!: string | null;

  @Field(() => KeyKindEnum, { description: 'Whether the secret is sent or signs.' })
  kind!: KeyKind;

  @Field(() => [SignatureProfileEnum], { description: 'Profiles a SIGNED key accepts; empty for BEARER.' })
  signatureProfiles!: SignatureProfile[];

  @Field(() => EnvironmentEnum, { description: 'Where the key may be used.' })
  environment!: Environment;

  @Field(() => Boolean, { description: 'Whether the key is switched on.' })
  enabled!: boolean;

  @Field(() => Boolean, { description: 'Whether the key is protected from being revoked.' })
  locked!: boolean;

  @Field(() => String, { description: 'Prefix and last four characters of the secret.' })
  maskedSecret!: string;

  @Field(() => KeyStatusEnum, {
    description:
      'Derived from revokedAt, expiresAt, enabled, and what its service account and API switches say.',
  })
  status!: KeyStatus;

  @Field(() => String, {
    nullable: true,
    description:
      'Why the status is INACTIVE: DISABLED (the key itself), SERVICE_ACCOUNT_DISABLED, or API_DISABLED (the API of the customer or organization above its service account is off). Null for every other status.',
  })
  inactiveReason!: InactiveReason | null;

  @Field(() => Boolean, {
    description: 'Whether grants of its own narrow what it inherits from its service account.',
  })
  narrowed!: boolean;

  @Field(() => [RateLimitType], { description: 'Windows that must all allow a request; none: no limit.' })
  rateLimits!: RateLimitType[];

  @Field(() => [QuotaType], { description: 'Calendar quotas that must all allow a request; none: no quota.' })
  quotas!: QuotaType[];

  @Field(() => [String], { description: 'CIDR ranges the key may be used from; none: from anywhere.' })
  allowedCidrs!: string[];

  @Field(() => JsonScalar, { description: 'Your own data, returned with each verification.' })
  metadata!: unknown;

  @Field(() => DateTimeScalar, { nullable: true, description: 'From when on it is refused; null: never.' })
  expiresAt!: Date | null;

  @Field(() => DateTimeScalar, { description: 'When it was created.' })
  createdAt!: Date;

  @Field(() => ActorType, { description: 'Who created it.' })
  createdBy!: Actor;

  @Field(() => DateTimeScalar, { description: 'When its settings or secret last changed.' })
  updatedAt!: Date;

  @Field(() => Int, {
    description:
      'Grows when settings, grants, lock or secret of the key change, or it is revoked; not by use, nor by changes of its service account, roles or scopes. Pass it as expectedVersion.',
  })
  version!: number;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When it was revoked.' })
  revokedAt!: Date | null;

  @Field(() => ActorType, { nullable: true, description: 'Who revoked it.' })
  revokedBy!: Actor | null;

  @Field(() => String, { nullable: true, description: 'Why it was revoked.' })
  revokedReason!: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'Last verification that proved the secret.' })
  lastUsedAt!: Date | null;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'Until when the previous secret still works; null when there is none.',
  })
  overlapEndsAt!: Date | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When the previous secret was last used.' })
  previousSecretLastUsedAt!: Date | null;
}

@ObjectType('ApiKeyEdge', { description: 'A key with its cursor.' })
export class ApiKeyEdge {
  @Field(() => String, { description: 'Cursor of this key in this list and order.' })
  cursor!: string;

  @Field(() => ApiKeyType, { description: 'The key.' })
  node!: ApiKeyType;
}

@ObjectType('ApiKeyConnection', {
  description: 'A page of keys. totalCount counts all that match the filter.',
})
export class ApiKeyConnection {
  @Field(() => [ApiKeyEdge], { description: 'Keys with their cursors.' })
  edges!: ApiKeyEdge[];

  @Field(() => [ApiKeyType], { description: 'The keys alone.' })
  nodes!: ApiKeyType[];

  @Field(() => PageInfoType, { description: 'Where the page lies in the list.' })
  pageInfo!: PageInfoType;
}

@ObjectType('ApiKeyCounts', {
  description:
    'How many keys are in which state. total is everything not revoked; active includes those expiring soon.',
})
export class ApiKeyCountsType {
  @Field(() => BigIntScalar, { description: 'Everything that is not revoked.' })
  total!: number;

  @Field(() => BigIntScalar, { description: 'Working now, those expiring soon included.' })
  active!: number;

  @Field(() => BigIntScalar, { description: 'Working now and expiring within 30 x 24 h.' })
  expiringSoon!: number;

  @Field(() => BigIntScalar, { description: 'Past their expiry.' })
  expired!: number;

  @Field(() => BigIntScalar, {
    description: 'Disabled, or with a service account or API that is switched off.',
  })
  inactive!: number;

  @Field(() => BigIntScalar, { description: 'Revoked.' })
  revoked!: number;
}
