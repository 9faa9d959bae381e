import type { VerdictCode } from '@keywright/schema/verdicts';
import { Field, ID, ObjectType, registerEnumType } from 'type-graphql';
import { EnvironmentEnum } from '../graphql-types/environment.type.js';
import type { Environment } from '@keywright/schema/environment';
import { VerdictCodeEnum } from '../request-logs/verdict-code.type.js';
import { BigIntScalar } from '../scalars/big-int.js';
import { DateTimeScalar } from '../scalars/date-time.js';

export const TimeBucketEnum = { MINUTE: 'MINUTE', HOUR: 'HOUR', DAY: 'DAY' } as const;
registerEnumType(TimeBucketEnum, {
  name: 'TimeBucket',
  description:
    'Width of the buckets of a chart; buckets start at whole minutes, hours and days in UTC. Minutes are kept for 7 days.',
});

@ObjectType('VerdictCount', { description: 'How often a verdict was returned.' })
export class VerdictCountType {
  @Field(() => VerdictCodeEnum, { description: 'The verdict.' })
  code!: VerdictCode;

  @Field(() => BigIntScalar, { description: 'Number of verifications.' })
  count!: number;
}

@ObjectType('UsageTotals', { description: 'Verifications by outcome. Needs keywright.usage.read.' })
export class UsageTotalsType {
  @Field(() => BigIntScalar, { description: 'All verifications.' })
  total!: number;

  @Field(() => BigIntScalar, { description: 'Verifications that were VALID.' })
  accepted!: number;

  @Field(() => BigIntScalar, { description: 'All other verifications.' })
  refused!: number;

  @Field(() => [VerdictCountType], { description: 'Each verdict that occurred, most frequent first.' })
  byCode!: VerdictCountType[];
}

@ObjectType('UsagePoint', { description: 'Verifications in one time bucket.' })
export class UsagePointType extends UsageTotalsType {
  @Field(() => DateTimeScalar, { description: 'Start of the bucket.' })
  start!: Date;
}

@ObjectType('UsageTick', {
  description:
    'Verifications since the previous tick of the same key and environment: differences, not totals. At most one per second for each.',
})
export class UsageTickType extends UsageTotalsType {
  @Field(() => DateTimeScalar, { description: 'When the tick was sent.' })
  at!: Date;

  @Field(() => ID, {
    nullable: true,
    description: 'The key. Null only in a tick that sums up the remaining keys, if very many are busy.',
  })
  apiKeyId!: string | null;

  @Field(() => EnvironmentEnum, {
    nullable: true,
    description: 'The environment; null if apiKeyId is null.',
  })
  environment!: Environment | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When the key was last used.' })
  lastUsedAt!: Date | null;
}

@ObjectType('KeyUsage', { description: 'A key and its verifications in a time range.' })
export class KeyUsageType {
  @Field(() => UsageTotalsType, { description: 'Its verifications.' })
  usage!: UsageTotalsType;
}
