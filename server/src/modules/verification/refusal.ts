import { headersOfVerdict } from '@keywright/schema/verdict-http';
import { remembered } from '../../core/remembered.js';
import type { Verdict } from './verdict.js';

/** Headers for a verdict, see {@link headersOfVerdict}. */
export const verdictHeaders = ({ status, limits, retryAfterSeconds }: Verdict): Record<string, string> =>
  headersOfVerdict(status, limits, retryAfterSeconds);

/** Names recur in nearly all requests. */
const lowerCase = remembered((name) => name.toLowerCase());

/** All headers of a request as they were sent, with repeated ones as a list; Node itself drops some repetitions. */
export function headersOf(rawHeaders: readonly string[]): Record<string, string[]> {
  const headers: Record<string, string[]> = Object.create(null) as Record<string, string[]>;
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = lowerCase(rawHeaders[i]!);
    const values = headers[name];
    if (values === undefined) headers[name] = [rawHeaders[i + 1]!];
    else values.push(rawHeaders[i + 1]!);
  }
  return headers;
}
