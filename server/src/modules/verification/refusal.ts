import { headersOfVerdict } from '@keywright/schema/verdict-http';
import type { Verdict } from './verdict.js';

/** Headers for a verdict, see {@link headersOfVerdict}. */
export const verdictHeaders = ({ status, limits, retryAfterSeconds }: Verdict): Record<string, string> =>
  headersOfVerdict(status, limits, retryAfterSeconds);

/** All headers of a request as they were sent, with repeated ones as a list; Node itself drops some repetitions. */
export function headersOf(rawHeaders: readonly string[]): Record<string, string[]> {
  const headers: Record<string, string[]> = Object.create(null) as Record<string, string[]>;
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    (headers[rawHeaders[i]!.toLowerCase()] ??= []).push(rawHeaders[i + 1]!);
  }
  return headers;
}
