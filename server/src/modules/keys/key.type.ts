import { Field, Int, ObjectType } from 'type-graphql';
import type { Actor } from '../access/decide/actor.js';
import { ActorType } from '../access/decide/actor.type.js';
import { BigIntScalar } from '../scalars/big-int.js';
import { DateTimeScalar } from '../scalars/date-time.js';
import { JsonScalar } from '../scalars/json.js';
import { NodeType, PageInfoType } from '../graphql-types/node.type.js';
import type { QuotaPeriod } from '../limits/limit-rules.js';
import { EnvironmentEnum } from '../graphql-types/environment.type.js';
import { KeyKindEnum, KeyStatusEnum, QuotaPeriodEnum, SignatureProfileEnum } from './key.enums.js';
import type { KeyStatus } from '@keywright/schema/lifecycle';
import type { InactiveReason, KeyKind } from './key.js';
import type { SignatureProfile } from '../signatures/signature-profile.js';
import type { Environment } from '@keywright/schema/environment';

@ObjectType('RateLimit', {
  description: 'A rate limit window. A request must be within every window of a key.',
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
    'Units of cost allowed per calendar period in UTC. A request must be within every quota and window of a key.',
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
    'A credential that external code presents. Its secret is shown once and is not part of this type. Looking up a key needs keywright.keys.read; a change returns the changed key.',
})
export class ApiKeyType extends NodeType {
  @Field(() => String, {
    description:
      'Unique among unrevoked keys of the same customer, or of the installation; 1 to 50 characters.',
  })
  name!: string;

  @Field(() => String, { nullable: true, description: 'What the key is for; up to 1,000 characters.' })
  description!: string | null;

  @Field(() => KeyKindEnum, { description: 'Whether the secret is sent or used to sign.' })
  kind!: KeyKind;

  @Field(() => [SignatureProfileEnum], {
    description: 'Signature profiles that a SIGNED key accepts; empty for BEARER.',
  })
  signatureProfiles!: SignatureProfile[];

  @Field(() => EnvironmentEnum, { description: 'Where the key can be used.' })
  environment!: Environment;

  @Field(() => Boolean, { description: 'Whether the key is enabled.' })
  enabled!: boolean;

  @Field(() => Boolean, { description: 'Whether the key is locked, so that it cannot be revoked.' })
  locked!: boolean;

  @Field(() => String, { description: 'Prefix and last four characters of the secret.' })
  maskedSecret!: string;

  @Field(() => KeyStatusEnum, {
    description:
      'Derived from revokedAt, expiresAt, enabled, and the state of its service account and API switches.',
  })
  status!: KeyStatus;

  @Field(() => String, {
    nullable: true,
    description:
      'Why the status is INACTIVE: DISABLED (the key itself), SERVICE_ACCOUNT_DISABLED, or API_DISABLED (the API of the customer or organization above its service account is off). Null for any other status.',
  })
  inactiveReason!: InactiveReason | null;

  @Field(() => Boolean, {
    description: 'Whether its own grants narrow what it inherits from its service account.',
  })
  narrowed!: boolean;

  @Field(() => [RateLimitType], {
    description: 'Rate limit windows that must all allow a request; empty means no limit.',
  })
  rateLimits!: RateLimitType[];

  @Field(() => [QuotaType], {
    description: 'Calendar quotas that must all allow a request; empty means no quota.',
  })
  quotas!: QuotaType[];

  @Field(() => [String], {
    description: 'CIDR ranges that the key can be used from; empty means any address.',
  })
  allowedCidrs!: string[];

  @Field(() => JsonScalar, { description: 'Custom data, returned with each verification.' })
  metadata!: unknown;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When it expires; null means never.' })
  expiresAt!: Date | null;

  @Field(() => DateTimeScalar, { description: 'When it was created.' })
  createdAt!: Date;

  @Field(() => ActorType, { description: 'Who created it.' })
  createdBy!: Actor;

  @Field(() => DateTimeScalar, { description: 'When its settings or secret last changed.' })
  updatedAt!: Date;

  @Field(() => Int, {
    description:
      'Increases when settings, grants, lock or secret of the key change, or it is revoked; not through use, or changes of its service account, roles or scopes. Pass it as expectedVersion.',
  })
  version!: number;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When it was revoked.' })
  revokedAt!: Date | null;

  @Field(() => ActorType, { nullable: true, description: 'Who revoked it.' })
  revokedBy!: Actor | null;

  @Field(() => String, { nullable: true, description: 'Why it was revoked.' })
  revokedReason!: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When a verification last proved the secret.' })
  lastUsedAt!: Date | null;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'When the previous secret stops working; null if there is none.',
  })
  overlapEndsAt!: Date | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When the previous secret was last used.' })
  previousSecretLastUsedAt!: Date | null;
}

@ObjectType('ApiKeyEdge', { description: 'A key with its cursor.' })
export class ApiKeyEdge {
  @Field(() => String, { description: 'Cursor of this key in this list and sort order.' })
  cursor!: string;

  @Field(() => ApiKeyType, { description: 'The key.' })
  node!: ApiKeyType;
}

@ObjectType('ApiKeyConnection', {
  description: 'A page of keys. totalCount counts all keys that match the filter.',
})
export class ApiKeyConnection {
  @Field(() => [ApiKeyEdge], { description: 'Keys with their cursors.' })
  edges!: ApiKeyEdge[];

  @Field(() => [ApiKeyType], { description: 'The keys without cursors.' })
  nodes!: ApiKeyType[];

  @Field(() => PageInfoType, { description: 'Position of the page in the list.' })
  pageInfo!: PageInfoType;
}

@ObjectType('ApiKeyCounts', {
  description:
    'Number of keys by status. total is everything not revoked; active includes those expiring soon.',
})
export class ApiKeyCountsType {
  @Field(() => BigIntScalar, { description: 'All keys that are not revoked.' })
  total!: number;

  @Field(() => BigIntScalar, { description: 'Usable now, including those expiring soon.' })
  active!: number;

  @Field(() => BigIntScalar, { description: 'Usable now and expiring within 30 x 24 h.' })
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
