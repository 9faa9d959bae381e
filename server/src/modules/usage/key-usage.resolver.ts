import DataLoader from 'dataloader';
import { Arg, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { Clock } from '../../core/clock.js';
import { perRequest } from '../../core/per-request.js';
import { authorize, type RequestContext } from '../access/principal.js';
import { ApiKeyType } from '../keys/key.type.js';
import { BigIntScalar } from '../scalars/big-int.js';
import { DateTimeScalar } from '../scalars/date-time.js';
import type { TimeBucket } from './roll-up.js';
import type { UsageStore } from './usage-store.js';
import {
  fillPoints,
  toRange,
  totalsOf,
  type CodeCounts,
  type UsagePoint,
  type UsageTotals,
} from './usage.js';
import { TimeBucketEnum, UsagePointType, UsageTotalsType } from './usage.type.js';

/** Usage of a key; a page of keys costs one query for each field that is asked for. */
@Resolver(() => ApiKeyType)
export class KeyUsageResolver {
  constructor(
    private readonly store: UsageStore,
    private readonly clock: Clock,
  ) {}

  @FieldResolver(() => UsageTotalsType, {
    description: 'All verifications of the key so far. Needs keywright.usage.read.',
  })
  async usage(@Root() key: { id: string }, @Ctx() context: RequestContext): Promise<UsageTotals> {
    authorize(context, 'keywright.usage.read');
    const loader = perRequest(
      context,
      'usage totals',
      () => new DataLoader<string, CodeCounts>((ids) => this.store.totals(ids)),
    );
    return totalsOf(await loader.load(key.id));
  }

  @FieldResolver(() => [BigIntScalar], {
    description:
      'Verifications in each of the last 24 hours, oldest first, the current hour last. Needs keywright.usage.read.',
  })
  usageTrend(@Root() key: { id: string }, @Ctx() context: RequestContext): Promise<number[]> {
    authorize(context, 'keywright.usage.read');
    const loader = perRequest(
      context,
      'usage trends',
      () => new DataLoader<string, number[]>((ids) => this.store.trends(ids, this.clock.now())),
    );
    return loader.load(key.id);
  }

  @FieldResolver(() => [UsagePointType], {
    description:
      'Verifications of the key over time, in at most 1,000 buckets; buckets without any are zero. Needs keywright.usage.read.',
  })
  async usageSeries(
    @Root() key: { id: string },
    @Ctx() context: RequestContext,
    @Arg('from', () => DateTimeScalar) from: Date,
    @Arg('to', () => DateTimeScalar) to: Date,
    @Arg('bucket', () => TimeBucketEnum) bucket: TimeBucket,
  ): Promise<UsagePoint[]> {
    authorize(context, 'keywright.usage.read');
    const range = toRange(from, to, bucket);
    const loader = perRequest(
      context,
      `usage series ${range.fromMs} ${range.toMs} ${bucket}`,
      () => new DataLoader<string, ReadonlyMap<number, CodeCounts>>((ids) => this.store.series(ids, range)),
    );
    return fillPoints(range, await loader.load(key.id));
  }
}
