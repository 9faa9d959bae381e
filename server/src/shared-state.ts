import type { Config } from './config/config.js';
import { monotonicClock, systemClock } from './core/clock.js';
import type { Queries } from './core/queries.js';
import { RedisLink } from './database/redis-link.js';
import type { MemoryRateLimiter } from './modules/limits/memory-rate-limiter.js';
import { RedisLimits } from './modules/limits/shared-limits.redis.js';
import { SharedRateLimiter } from './modules/limits/shared-rate-limiter.js';
import { RedisNonces } from './modules/signatures/shared-nonces.redis.js';
import { SpendsReader } from './modules/verification/spends-reader.js';
import { spendsOf } from './modules/verification/spent-limits.postgres.js';

/** What lies in Redis, and whether it can be used. */
export interface SharedState {
  readonly link: RedisLink;
  readonly nonces: RedisNonces;
  readonly limiter: SharedRateLimiter;
}

/** What a {@link SharedState} is opened with. */
export interface SharedStateDeps {
  readonly config: Pick<Config, 'redisUrl'>;
  readonly log: (message: string, error?: unknown) => void;
  readonly closers: (() => Promise<unknown> | void)[];
}

/** Connects to Redis where it is set. The process starts, and serves all that needs none, while it cannot be reached. */
export async function openSharedState(
  { config, log, closers }: SharedStateDeps,
  queries: Queries,
  ownLimits: MemoryRateLimiter,
): Promise<SharedState | undefined> {
  if (config.redisUrl === undefined) return undefined;
  const [installation] = await queries.query<{ id: string }>('select id from installation');
  const link = await RedisLink.open(config.redisUrl, log);
  closers.push(() => link.close());
  const nonces = new RedisNonces(link, installation!.id);
  const spends = new SpendsReader((keys) => spendsOf(queries, keys, systemClock.now()), monotonicClock);
  const limits = new RedisLimits({
    redis: link,
    installationId: installation!.id,
    readSpends: (id, rules) => spends.of(id, rules),
    clock: systemClock,
  });
  const limiter = new SharedRateLimiter(limits, ownLimits);
  closers.push(() => limiter.close());
  link.connected.on(() => {
    void nonces.begin(systemClock.now());
    // Whoever is first to count begins otherwise.
    void limits.begin().catch(() => undefined);
  });
  return { link, nonces, limiter };
}
