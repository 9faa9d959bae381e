import { Arg, Ctx, FieldResolver, Int, Query, Resolver, Root, Subscription } from 'type-graphql';
import { systemClock } from '../../core/clock.js';
import { authorize, type RequestContext } from '../access/principal.js';
import { keyLoader } from '../keys/key-loader.js';
import type { KeyStore } from '../keys/key-store.js';
import type { ApiKey } from '../keys/key.js';
import { ApiKeyType } from '../keys/key.type.js';
import { toConnection } from '../scalars/connection.js';
import { REQUEST_LOG_TOPIC, tailOf } from './live-tail.js';
import { RequestLogFilterInput } from './request-log.input.js';
import type { RequestLogStore } from './request-log-store.js';
import { checkFilter, type RequestLog, type RequestLogFilter } from './request-log.js';
import { RequestLogConnection, RequestLogType } from './request-log.type.js';

interface FollowArgs {
  readonly filter?: RequestLogFilter | null;
}

/** Reads and follows request logs. */
@Resolver(() => RequestLogType)
export class RequestLogResolver {
  constructor(
    private readonly store: RequestLogStore,
    private readonly keys: KeyStore,
  ) {}

  @Query(() => RequestLogConnection, {
    description: 'Request logs, newest first. Needs keywright.logs.read.',
  })
  async requestLogs(
    @Ctx() context: RequestContext,
    @Arg('filter', () => RequestLogFilterInput, { nullable: true }) filter: RequestLogFilter | null,
    @Arg('first', () => Int, { nullable: true, defaultValue: 50 }) first: number | null,
    @Arg('after', () => String, { nullable: true }) after: string | null,
  ): Promise<unknown> {
    authorize(context, 'keywright.logs.read');
    return toConnection(await this.store.list(checkFilter(filter), { first, after }));
  }

  @FieldResolver(() => ApiKeyType, {
    nullable: true,
    description: 'The key that was proven; null when none was, and for a viewer without keywright.keys.read.',
  })
  async apiKey(@Root() log: RequestLog, @Ctx() context: RequestContext): Promise<unknown> {
    if (log.apiKeyId === null || !context.principal?.permissions.covers('keywright.keys.read')) return null;
    return keyLoader(context, this.keys).load(log.apiKeyId);
  }

  @Subscription(() => RequestLogType, {
    topics: ({ context, args }) => {
      authorize(context as RequestContext, 'keywright.logs.read');
      checkFilter((args as FollowArgs).filter);
      return REQUEST_LOG_TOPIC;
    },
    topicId: ({ args }) => tailOf((args as FollowArgs).filter ?? {}, systemClock),
    description: 'Request logs as they are written, at most 50 a second. Needs keywright.logs.read.',
    name: 'requestLogs',
  })
  requestLogsLive(
    @Root() log: RequestLog,
    @Arg('filter', () => RequestLogFilterInput, { nullable: true }) _filter: RequestLogFilter | null,
  ): RequestLog {
    return log;
  }
}

/** The request logs of a key. */
@Resolver(() => ApiKeyType)
export class KeyRequestLogResolver {
  constructor(private readonly store: RequestLogStore) {}

  @FieldResolver(() => RequestLogConnection, {
    description: 'Request logs of this key, newest first. Needs keywright.logs.read.',
  })
  async requestLogs(
    @Root() key: ApiKey,
    @Ctx() context: RequestContext,
    @Arg('filter', () => RequestLogFilterInput, { nullable: true }) filter: RequestLogFilter | null,
    @Arg('first', () => Int, { nullable: true, defaultValue: 50 }) first: number | null,
    @Arg('after', () => String, { nullable: true }) after: string | null,
  ): Promise<unknown> {
    authorize(context, 'keywright.logs.read');
    const checked = checkFilter(filter);
    if (checked.apiKeyId != null && checked.apiKeyId !== key.id)
      return toConnection(await this.store.list({ code: [] }, { first, after }));
    return toConnection(await this.store.list({ ...checked, apiKeyId: key.id }, { first, after }));
  }
}
