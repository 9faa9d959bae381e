import { isLimited, type LimitRules } from '../limits/limit-rules.js';
import { UNLIMITED } from '../limits/limit-state.js';
import type { LimitDecision } from '../limits/rate-limiter.js';
import type { SharedRateLimiter } from '../limits/shared-rate-limiter.js';
import type { MemoryRateLimiter } from '../limits/memory-rate-limiter.js';
import type { NonceMemory } from '../signatures/nonce-memory.js';
import type { NonceUse, ShownNonce } from '../signatures/nonce.js';
import type { RedisNonces } from '../signatures/shared-nonces.redis.js';

/** What the limits said to a nonce that is new; or why it is not. */
export type SingleUseDecision = LimitDecision | Exclude<NonceUse, 'FIRST'>;

/**
 * Uses a nonce and charges the limits of its key in one step: both, or neither. What a limit refuses takes no nonce and may
 * come again; what was used before is charged nothing.
 */
export interface SingleUse {
  /** Never rejects: where it cannot be told whether the nonce is new, the answer is `UNKNOWN`. */
  charge(
    nonce: ShownNonce,
    rules: LimitRules,
    cost: number,
    nowMs: number,
  ): SingleUseDecision | Promise<SingleUseDecision>;
}

/** Single use and limits in the memory of this process. */
export const memorySingleUse = (
  nonces: NonceMemory,
  limiter: Pick<MemoryRateLimiter, 'consume'>,
): SingleUse => ({
  charge(nonce, rules, cost, nowMs) {
    const use = nonces.look(nonce, nowMs);
    if (use !== 'FIRST') return use;
    const decision = limiter.consume(nonce.keyId, rules, cost);
    if (decision.allowed) nonces.use(nonce, nowMs);
    return decision;
  },
});

/** Single use and limits of all processes together, in one script of Redis. */
export const sharedSingleUse = (
  nonces: Pick<RedisNonces, 'use' | 'within'>,
  limiter: Pick<SharedRateLimiter, 'consumeOnce'>,
): SingleUse => ({
  async charge(nonce, rules, cost, nowMs) {
    if (isLimited(rules)) {
      return nonces.within<LimitDecision>(nonce, nowMs, (once) =>
        limiter.consumeOnce(nonce.keyId, rules, cost, once),
      );
    }
    const use = await nonces.use(nonce, nowMs);
    return use === 'FIRST' ? UNLIMITED : use;
  },
});
