import { IpRanges } from '@keywright/schema/ip-ranges';
import type { ApiKey } from './key.js';

/** What restricts a calling key, apart from its permissions. */
export type KeyBounds = Pick<ApiKey, 'expiresAt' | 'allowedCidrs' | 'rateLimits' | 'quotas'>;

function expiresWithin(inner: Date | null, outer: Date | null): boolean {
  return outer === null || (inner !== null && inner <= outer);
}

/** Each range must be contained in one of the others; being covered by several ranges together does not count. */
function rangesWithin(inner: readonly string[], outer: readonly string[]): boolean {
  if (outer.length === 0) return true;
  return (
    inner.length > 0 &&
    inner.every((range) => {
      const [address = '', bits] = range.split('/');
      return outer.some(
        (other) =>
          Number(other.split('/')[1]) <= Number(bits) &&
          other.includes(':') === range.includes(':') &&
          new IpRanges([other]).allows(address),
      );
    })
  );
}

/**
 * Whether a key is at least as restricted as another: by expiry, addresses, and each window and quota. A window of
 * another length counts separately and is no substitute.
 */
export function isWithinBounds(inner: KeyBounds, outer: KeyBounds): boolean {
  return (
    expiresWithin(inner.expiresAt, outer.expiresAt) &&
    rangesWithin(inner.allowedCidrs, outer.allowedCidrs) &&
    outer.rateLimits.every((window) =>
      inner.rateLimits.some(
        ({ windowSeconds, limit }) => windowSeconds === window.windowSeconds && limit <= window.limit,
      ),
    ) &&
    outer.quotas.every((quota) =>
      inner.quotas.some(({ period, limit }) => period === quota.period && limit <= quota.limit),
    )
  );
}

/** The bounds of a key without expiry, IP ranges or limits. */
export const UNBOUND: KeyBounds = { expiresAt: null, allowedCidrs: [], rateLimits: [], quotas: [] };
