import { Arg, Ctx, FieldResolver, ID, Int, Query, Resolver, Root, Subscription } from 'type-graphql';
import { badInput } from '../../core/errors.js';
import { ID_PREFIXES, isId } from '../../core/id.js';
import { MAX_PAGE_SIZE } from '../../core/page.js';
import {
  authorize,
  authorizeAt,
  authorizeReach,
  requirePrincipal,
  type RequestContext,
} from '../access/decide/principal.js';
import { EnvironmentEnum } from '../graphql-types/environment.type.js';
import { requireFollowable } from '../keys/follow-ids.js';
import { keyLoader } from '../keys/key-loader.js';
import type { KeyStore } from '../keys/key-store.js';
import type { Environment } from '@keywright/schema/environment';
import { ApiKeyType } from '../keys/key.type.js';
import { DateTimeScalar } from '../scalars/date-time.js';
import type { TimeBucket } from './roll-up.js';
import { followUsage, type SentTick } from './usage-follow.js';
import type { UsageStore } from './usage-store.js';
import { USAGE_TOPIC } from './usage-ticker.js';
import { checkRange, fillPoints, toRange, totalsOf, wholeBuckets } from './usage.js';
import type { UsagePoint, UsageTotals } from './usage.js';
import { KeyUsageType, TimeBucketEnum, UsagePointType, UsageTickType } from './usage.type.js';

const MAX_IDS = 1000;
/** Up to this length, the busiest keys are determined by hour, beyond by day. */
const HOURLY_MS = 3 * 86_400_000;

/** The selected keys: an invalid id matches none; error: BAD_USER_INPUT if there are too many. */
function checkIds(apiKeyIds: readonly string[] | null | undefined): readonly string[] | null {
  if (apiKeyIds && apiKeyIds.length > MAX_IDS) {
    throw badInput([{ path: 'apiKeyIds', message: `Specify at most ${MAX_IDS} keys.` }]);
  }
  return apiKeyIds?.filter((id) => isId(ID_PREFIXES.apiKey, id)) ?? null;
}

interface KeyUsage {
  readonly apiKeyId: string;
  readonly usage: UsageTotals;
}

/** Reads usage and subscribes to it. */
@Resolver(() => KeyUsageType)
export class UsageResolver {
  constructor(
    private readonly store: UsageStore,
    private readonly keys: KeyStore,
  ) {}

  @Query(() => [UsagePointType], {
    description:
      'Verifications over time, in at most 1,000 buckets, of keys at scopes where the caller holds keywright.usage.read. If held at the root and without apiKeyIds, includes those in which no key was proven.',
  })
  async usage(
    @Ctx() context: RequestContext,
    @Arg('from', () => DateTimeScalar) from: Date,
    @Arg('to', () => DateTimeScalar) to: Date,
    @Arg('bucket', () => TimeBucketEnum) bucket: TimeBucket,
    @Arg('apiKeyIds', () => [ID], { nullable: true }) apiKeyIds: string[] | null,
    @Arg('environment', () => EnvironmentEnum, { nullable: true }) environment: Environment | null,
  ): Promise<UsagePoint[]> {
    const reach = authorizeReach(context, 'keywright.usage.read');
    const range = toRange(from, to, bucket);
    const filter = { apiKeyIds: checkIds(apiKeyIds), environment: environment ?? null };
    return fillPoints(range, await this.store.sums(range, filter, reach));
  }

  @Query(() => [KeyUsageType], {
    description:
      'The busiest keys in a time range, busiest first, among those at scopes where the caller holds keywright.usage.read.',
  })
  async topKeys(
    @Ctx() context: RequestContext,
    @Arg('from', () => DateTimeScalar) from: Date,
    @Arg('to', () => DateTimeScalar) to: Date,
    @Arg('first', () => Int, { nullable: true, defaultValue: 10 }) first: number | null,
  ): Promise<KeyUsage[]> {
    const reach = authorizeReach(context, 'keywright.usage.read');
    const limit = first ?? 10;
    if (limit < 1 || limit > MAX_PAGE_SIZE)
      throw badInput([{ path: 'first', message: `Request 1 to ${MAX_PAGE_SIZE} keys.` }]);
    checkRange(from, to);
    const hourly = to.getTime() - from.getTime() <= HOURLY_MS;
    const top = await this.store.top(wholeBuckets(from, to, hourly ? 'HOUR' : 'DAY'), limit, reach);
    return top.map(({ apiKeyId, counts }) => ({ apiKeyId, usage: totalsOf(counts) }));
  }

  @FieldResolver(() => ApiKeyType, { description: 'The key. Needs keywright.keys.read.' })
  async apiKey(@Root() usage: KeyUsage, @Ctx() context: RequestContext): Promise<unknown> {
    const key = await keyLoader(context, this.keys).load(usage.apiKeyId);
    authorizeAt(context, 'keywright.keys.read', key?.scopeId);
    return key;
  }

  @Subscription(() => UsageTickType, {
    name: 'usage',
    topics: ({ context, args }) => {
      authorize(context as RequestContext, 'keywright.usage.read');
      requireFollowable((args as UsageFollowArgs).apiKeyIds, 'apiKeyIds');
      return USAGE_TOPIC;
    },
    topicId: ({ args, context }) => {
      const { apiKeyIds, environment } = args as UsageFollowArgs;
      const { access } = requirePrincipal(context as RequestContext);
      return followUsage({ apiKeyIds: apiKeyIds ?? null, environment: environment ?? null }, access);
    },
    description:
      'Verifications as they are counted, per key, of keys at scopes where the caller holds keywright.usage.read. At most 100 apiKeyIds; without them, of all keys.',
  })
  usageLive(
    @Root() tick: SentTick,
    @Arg('apiKeyIds', () => [ID], { nullable: true }) _apiKeyIds: string[] | null,
    @Arg('environment', () => EnvironmentEnum, { nullable: true }) _environment: Environment | null,
  ): SentTick {
    return tick;
  }
}

interface UsageFollowArgs {
  readonly apiKeyIds?: readonly string[] | null;
  readonly environment?: Environment | null;
}
