import { VERDICTS, type VerdictCode } from './verdicts.js';

/** Media type of problem details (RFC 9457). */
export const PROBLEM_CONTENT_TYPE = 'application/problem+json; charset=utf-8';

/** The state of one rate limit window or quota of a key after a verification. */
export interface LimitState {
  readonly name: string;
  readonly limit: number;
  readonly remaining: number;
  /** Length of the window; for a quota, length of the current calendar period. */
  readonly windowSeconds: number;
  /**
   * Seconds until the full limit is available again if nothing else is used; 0 if it is available now. For a quota, seconds
   * until the next period begins.
   */
  readonly resetSeconds: number;
}

/** Problem details (RFC 9457). `retryAfter` is in seconds, as in the `Retry-After` header. */
export interface VerdictProblem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly requestId: string;
  readonly retryAfter?: number;
}

/** The part of a verdict that a rejected caller sees. */
export interface RefusedVerdict {
  readonly code: VerdictCode;
  readonly message: string;
  readonly retryAfterSeconds: number | null;
}

/** The `type` of a problem with this code. */
export const problemType = (code: string): string =>
  `urn:problem-type:keywright:${code.toLowerCase().replaceAll('_', '-')}`;

/** The problem details of a rejected verification. */
export function problemOfVerdict(verdict: RefusedVerdict, requestId: string): VerdictProblem {
  const info = VERDICTS[verdict.code];
  return {
    type: problemType(verdict.code),
    title: info.title,
    status: info.status,
    detail: verdict.message,
    code: verdict.code,
    requestId,
    ...(verdict.retryAfterSeconds === null ? {} : { retryAfter: verdict.retryAfterSeconds }),
  };
}

const PLAIN_NAME = /^[ !#-[\]-~]*$/;

/** Any name as a quoted string of structured fields (RFC 9651); characters that it cannot hold become `_`. */
const quoted = (name: string): string =>
  PLAIN_NAME.test(name) ? `"${name}"` : `"${name.replaceAll(/[^ !#-[\]-~]/g, '_')}"`;

/** The `RateLimit-Policy` and `RateLimit` headers (IETF draft); none for a key without limits. */
export function rateLimitHeaders(limits: readonly LimitState[]): Record<string, string> {
  if (limits.length === 0) return {};
  return {
    'ratelimit-policy': limits.map((l) => `${quoted(l.name)};q=${l.limit};w=${l.windowSeconds}`).join(', '),
    ratelimit: limits.map((l) => `${quoted(l.name)};r=${l.remaining};t=${l.resetSeconds}`).join(', '),
  };
}

/** Response headers for a verdict: how to authenticate (401), when to retry (429), and the state of the limits. */
export const headersOfVerdict = (
  status: number,
  limits: readonly LimitState[],
  retryAfterSeconds: number | null,
): Record<string, string> => ({
  'cache-control': 'no-store',
  ...rateLimitHeaders(limits),
  ...(status === 401 ? { 'www-authenticate': 'ApiKey realm="Keywright", header="X-API-KEY"' } : {}),
  ...(retryAfterSeconds === null ? {} : { 'retry-after': String(retryAfterSeconds) }),
});
