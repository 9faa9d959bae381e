import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../config/config.js';
import { monotonicClock, systemClock } from '../core/clock.js';
import type { Queries } from '../core/queries.js';
import { RedisLink } from '../database/redis-link.js';
import type { MemoryRateLimiter } from '../modules/limits/memory-rate-limiter.js';
import { sumSpends } from '../modules/limits/past-spends.js';
import { RedisLimits } from '../modules/limits/shared-limits.redis.js';
import { SharedRateLimiter } from '../modules/limits/shared-rate-limiter.js';
import { RedisNonces } from '../modules/signatures/shared-nonces.redis.js';
import { sharedSingleUse, type SingleUse } from '../modules/verification/single-use.js';
import { readEraId } from '../modules/replica/database-era.postgres.js';
import { SpendsReader } from '../modules/verification/spends-reader.js';
import { readSpends } from '../modules/verification/spent-limits.postgres.js';

/** How long a stopping process waits while it writes its locally counted usage of limits to Redis. */
const FLUSH_TIMEOUT_MS = 1000;

/** State in Redis that processes share. */
export interface SharedState {
  readonly link: RedisLink;
  readonly nonces: RedisNonces;
  readonly limiter: SharedRateLimiter;
  readonly singleUse: SingleUse;
  /** Call it when the database may have been replaced. */
  renewEra(): Promise<void>;
}

export interface SharedStateDeps {
  readonly config: Pick<Config, 'redisUrl'>;
  readonly log: (message: string, error?: unknown) => void;
  readonly closers: (() => Promise<unknown> | void)[];
}

/** Connects to Redis if configured. While Redis is unreachable, the process starts and serves everything that does not need it. */
export async function openSharedState(
  { config, log, closers }: SharedStateDeps,
  queries: Queries,
  ownLimits: MemoryRateLimiter,
): Promise<SharedState | undefined> {
  if (config.redisUrl === undefined) return undefined;
  let eraId = await readEraId(queries);
  const link = await RedisLink.open(config.redisUrl, log);
  closers.push(() => link.close());
  const nonces = new RedisNonces(link, () => eraId);
  const spends = new SpendsReader((keys) => readSpends(queries, keys, systemClock.now()), monotonicClock);
  const limits = new RedisLimits({
    redis: link,
    get installationId() {
      return eraId;
    },
    readSpent: async (id, rules) => sumSpends(rules, await spends.of(id, rules), systemClock.now()),
    clock: systemClock,
  });
  const limiter = new SharedRateLimiter({
    shared: limits,
    own: ownLimits,
    monotonicClock,
    log,
  });
  closers.push(() => Promise.race([limiter.close(), sleep(FLUSH_TIMEOUT_MS)]));
  const begin = (): void => {
    void nonces.begin(systemClock.now());
    // If this fails, the first count does it.
    void limits.begin().catch(() => undefined);
  };
  link.connected.on(begin);
  const renewEra = async (): Promise<void> => {
    const before = eraId;
    eraId = await readEraId(queries);
    if (eraId !== before) begin();
  };
  return { link, nonces, limiter, singleUse: sharedSingleUse(nonces, limiter), renewEra };
}
