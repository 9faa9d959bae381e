import { formatCount } from './number.js';
import { describeLimit, shortLimit, type RateLimitValue } from './rate-limits.js';

/** The units that a key can use per calendar day or month. */
export interface QuotaValue {
  period: 'DAY' | 'MONTH';
  limit: number;
}

/** One quota in words, such as `10,000 per calendar day`; “calendar” distinguishes it from a rate limit, which uses a sliding day. */
export function describeQuota({ period, limit }: QuotaValue): string {
  return `${formatCount(limit)} per calendar ${period.toLowerCase()}`;
}

/** All limits of a key: `short` for a narrow column, `long` in words. */
export function allLimits(key: { rateLimits: readonly RateLimitValue[]; quotas: readonly QuotaValue[] }): {
  short: string[];
  long: string[];
} {
  return {
    short: [
      ...key.rateLimits.map(shortLimit),
      ...key.quotas.map(({ period, limit }) => `${formatCount(limit)} a ${period.toLowerCase()}`),
    ],
    long: [...key.rateLimits.map(describeLimit), ...key.quotas.map(describeQuota)],
  };
}
