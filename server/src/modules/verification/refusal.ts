import type { LimitState } from '../limits/rate-limiter.js';
import type { Verdict } from './verdict.js';

/** A name as a quoted string of structured fields (RFC 9651), whatever it holds. */
const quoted = (name: string): string => `"${name.replaceAll(/[^ !#-[\]-~]/g, '_')}"`;

/** `RateLimit-Policy` and `RateLimit` (IETF draft); nothing for a key without limits. */
export function rateLimitHeaders(limits: readonly LimitState[]): Record<string, string> {
  if (limits.length === 0) return {};
  return {
    'ratelimit-policy': limits.map((l) => `${quoted(l.name)};q=${l.limit};w=${l.windowSeconds}`).join(', '),
    ratelimit: limits.map((l) => `${quoted(l.name)};r=${l.remaining};t=${l.resetSeconds}`).join(', '),
  };
}

/** Headers that go with a verdict: how to authenticate on 401, when to come back on 429, and where the limits stand. */
export const verdictHeaders = (verdict: Verdict): Record<string, string> => ({
  'cache-control': 'no-store',
  ...rateLimitHeaders(verdict.limits),
  ...(verdict.status === 401 ? { 'www-authenticate': 'ApiKey realm="Keywright", header="X-API-KEY"' } : {}),
  ...(verdict.retryAfterSeconds === null ? {} : { 'retry-after': String(verdict.retryAfterSeconds) }),
});

/** All headers of a request as they were sent, repeated ones in a list; Node itself drops some repetitions. */
export function headersOf(rawHeaders: readonly string[]): Record<string, string[]> {
  const headers: Record<string, string[]> = Object.create(null) as Record<string, string[]>;
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    (headers[rawHeaders[i]!.toLowerCase()] ??= []).push(rawHeaders[i + 1]!);
  }
  return headers;
}
