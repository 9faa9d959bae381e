import DataLoader from 'dataloader';
import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Ctx, FieldResolver, Info, Resolver, Root } from 'type-graphql';
import type { Clock } from '../../core/clock.js';
import { perRequest } from '../../core/per-request.js';
import { authorizeAt, type RequestContext } from '../access/decide/principal.js';
import type { ApiKey } from '../keys/key.js';
import { ApiKeyType } from '../keys/key.type.js';
import { BigIntScalar } from '../scalars/big-int.js';
import { DateTimeScalar } from '../scalars/date-time.js';
import type { TimeBucket } from './roll-up.js';
import type { TrendCache } from './trend-cache.js';
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

type UsedKey = Pick<ApiKey, 'id' | 'scopeId' | 'usageTotal'>;
type Selected = Pick<GraphQLResolveInfo, 'fieldNodes'>;

/** Whether this is the only selected field of the result. */
const selectsOnly = (info: Selected, field: string): boolean =>
  info.fieldNodes.every((node) =>
    node.selectionSet?.selections.every((chosen) => chosen.kind === 'Field' && chosen.name.value === field),
  );

/** Usage of a key; a page of keys costs one query per requested field. */
@Resolver(() => ApiKeyType)
export class KeyUsageResolver {
  constructor(
    private readonly store: UsageStore,
    private readonly trends: TrendCache,
    private readonly clock: Clock,
  ) {}

  @FieldResolver(() => UsageTotalsType, {
    description: 'All verifications of the key to date. Needs keywright.usage.read.',
  })
  usage(
    @Root() key: UsedKey,
    @Ctx() context: RequestContext,
    @Info() info: Selected,
  ): Promise<UsageTotals> | Pick<UsageTotals, 'total'> {
    authorizeAt(context, 'keywright.usage.read', key.scopeId);
    // The table of keys needs only the total, which was read with the key.
    if (selectsOnly(info, 'total')) return { total: key.usageTotal };
    const loader = perRequest(
      context,
      'usage totals',
      () => new DataLoader<string, CodeCounts>((ids) => this.store.totals(ids)),
    );
    return loader.load(key.id).then(totalsOf);
  }

  @FieldResolver(() => [BigIntScalar], {
    description:
      'Verifications in each of the last 24 hours, oldest first, the current hour last. Needs keywright.usage.read.',
  })
  usageTrend(
    @Root() key: UsedKey,
    @Ctx() context: RequestContext,
  ): readonly number[] | Promise<readonly number[]> {
    authorizeAt(context, 'keywright.usage.read', key.scopeId);
    const known = this.trends.get(key.id);
    if (known) return known;
    const loader = perRequest(
      context,
      'usage trends',
      () => new DataLoader<string, readonly number[]>((ids) => this.readTrends(ids)),
    );
    return loader.load(key.id);
  }

  @FieldResolver(() => [UsagePointType], {
    description:
      'Verifications of the key over time, in at most 1,000 buckets; buckets without verifications are zero. Needs keywright.usage.read.',
  })
  async usageSeries(
    @Root() key: UsedKey,
    @Ctx() context: RequestContext,
    @Arg('from', () => DateTimeScalar) from: Date,
    @Arg('to', () => DateTimeScalar) to: Date,
    @Arg('bucket', () => TimeBucketEnum) bucket: TimeBucket,
  ): Promise<UsagePoint[]> {
    authorizeAt(context, 'keywright.usage.read', key.scopeId);
    const range = toRange(from, to, bucket);
    const loader = perRequest(
      context,
      `usage series ${range.fromMs} ${range.toMs} ${bucket}`,
      () => new DataLoader<string, ReadonlyMap<number, CodeCounts>>((ids) => this.store.series(ids, range)),
    );
    return fillPoints(range, await loader.load(key.id));
  }

  private async readTrends(apiKeyIds: readonly string[]): Promise<number[][]> {
    const trends = await this.store.trends(apiKeyIds, this.clock.now());
    this.trends.keep(apiKeyIds, trends);
    return trends;
  }
}
