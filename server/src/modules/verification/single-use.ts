import { isLimited, type LimitRules } from '../limits/limit-rules.js';
import { UNLIMITED } from '../limits/limit-state.js';
import type { LimitDecision } from '../limits/rate-limiter.js';
import type { SharedRateLimiter } from '../limits/shared-rate-limiter.js';
import type { MemoryRateLimiter } from '../limits/memory-rate-limiter.js';
import type { NonceMemory } from '../signatures/nonce-memory.js';
import type { NonceUse, ShownNonce } from '../signatures/nonce.js';
import type { RedisNonces } from '../signatures/shared-nonces.redis.js';

/** The decision of the limits on a new nonce, or why the nonce is rejected. */
export type SingleUseDecision = LimitDecision | Exclude<NonceUse, 'FIRST'>;

/**
 * Uses a nonce and charges the limits of its key atomically. A request that a limit rejects does not use its nonce
 * and can be repeated; a used nonce charges nothing.
 */
export interface SingleUse {
  /** Never rejects: if it is unknown whether the nonce is new, the answer is `UNKNOWN`. */
  charge(
    nonce: ShownNonce,
    rules: LimitRules,
    cost: number,
    nowMs: number,
  ): SingleUseDecision | Promise<SingleUseDecision>;
}

/** Nonces and limits in the memory of this process. */
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

/** Nonces and limits shared by all processes, in one Redis script. */
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
