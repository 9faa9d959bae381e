import { Arg, Ctx, FieldResolver, Int, Query, Resolver, Root, Subscription } from 'type-graphql';
import { systemClock } from '../../core/clock.js';
import {
  authorize,
  authorizeAt,
  authorizeReach,
  requirePrincipal,
  type RequestContext,
} from '../access/decide/principal.js';
import { keyLoader } from '../keys/key-loader.js';
import type { KeyStore } from '../keys/key-store.js';
import type { ApiKey } from '../keys/key.js';
import { ApiKeyType } from '../keys/key.type.js';
import { BigIntScalar } from '../scalars/big-int.js';
import { toConnection } from '../graphql-types/connection.js';
import { REQUEST_LOG_TOPIC, tailOf } from './live-tail.js';
import { RequestLogFilterInput } from './request-log.input.js';
import type { RequestLogPage, RequestLogStore } from './request-log-store.js';
import { checkFilter, type RequestLog, type RequestLogFilter } from './request-log.js';
import { RequestLogConnection, RequestLogType } from './request-log.type.js';

interface FollowArgs {
  readonly filter?: RequestLogFilter | null;
}

const toLogConnection = (page: RequestLogPage, { at }: RequestLogFilter): object => ({
  ...toConnection(page),
  searchedTo: page.searchedTo,
  at,
});

/** Reads request logs and subscribes to them. */
@Resolver(() => RequestLogType)
export class RequestLogResolver {
  constructor(
    private readonly store: RequestLogStore,
    private readonly keys: KeyStore,
  ) {}

  @Query(() => RequestLogConnection, {
    description:
      'Request logs, newest first, of keys at scopes where the caller holds keywright.logs.read; if held at the root, including those in which no key was proven.',
  })
  async requestLogs(
    @Ctx() context: RequestContext,
    @Arg('filter', () => RequestLogFilterInput, { nullable: true }) filter: RequestLogFilter | null,
    @Arg('first', () => Int, { nullable: true, defaultValue: 50 }) first: number | null,
    @Arg('after', () => String, { nullable: true }) after: string | null,
  ): Promise<unknown> {
    const reach = authorizeReach(context, 'keywright.logs.read');
    const checked = checkFilter(filter);
    return toLogConnection(await this.store.list(checked, { first, after }, reach), checked);
  }

  @FieldResolver(() => ApiKeyType, {
    nullable: true,
    description: 'The proven key; null if none was proven, or for a viewer without keywright.keys.read.',
  })
  async apiKey(@Root() log: RequestLog, @Ctx() context: RequestContext): Promise<unknown> {
    const key = log.apiKeyId === null ? null : await keyLoader(context, this.keys).load(log.apiKeyId);
    return key && context.principal?.access.holdsAt('keywright.keys.read', key.scopeId) ? key : null;
  }

  @Subscription(() => RequestLogType, {
    topics: ({ context, args }) => {
      authorize(context as RequestContext, 'keywright.logs.read');
      checkFilter((args as FollowArgs).filter);
      return REQUEST_LOG_TOPIC;
    },
    topicId: ({ args, context }) => {
      const { access } = requirePrincipal(context as RequestContext);
      return tailOf((args as FollowArgs).filter ?? {}, access, systemClock);
    },
    description:
      'Request logs as they are written, at most 50 a second, of keys at scopes where the caller holds keywright.logs.read.',
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
    description: "Request logs of this key, newest first. Needs keywright.logs.read at the key's scope.",
  })
  async requestLogs(
    @Root() key: ApiKey,
    @Ctx() context: RequestContext,
    @Arg('filter', () => RequestLogFilterInput, { nullable: true }) filter: RequestLogFilter | null,
    @Arg('first', () => Int, { nullable: true, defaultValue: 50 }) first: number | null,
    @Arg('after', () => String, { nullable: true }) after: string | null,
  ): Promise<unknown> {
    authorizeAt(context, 'keywright.logs.read', key.scopeId);
    const checked = checkFilter(filter);
    const other = checked.apiKeyId != null && checked.apiKeyId !== key.id;
    const wanted = other ? { code: [] } : { ...checked, apiKeyId: key.id };
    return toLogConnection(await this.store.list(wanted, { first, after }, 'EVERYTHING'), checked);
  }
}

/** The verifications that a page of request logs does not show. */
@Resolver(() => RequestLogConnection)
export class RequestLogConnectionResolver {
  constructor(private readonly store: RequestLogStore) {}

  @FieldResolver(() => BigIntScalar, {
    nullable: true,
    description:
      'Verifications of all keys in the time range of the filter that are counted but have no row, because there were more than are logged. Null for callers that do not hold keywright.logs.read at the root.',
  })
  async leftOutCount(
    @Root() { at }: RequestLogConnection,
    @Ctx() context: RequestContext,
  ): Promise<number | null> {
    const all = requirePrincipal(context).access.holdsEverywhere('keywright.logs.read');
    return all ? this.store.leftOut(at) : null;
  }
}
