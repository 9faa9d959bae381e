import type { DescribedRequest, VerifyQuestion } from '../client/verifier.js';
import { normalizeAddress } from '../ip-ranges.js';
import { MAX_LOGGED_PATH_LENGTH, MAX_LOGGED_USER_AGENT_LENGTH } from '../verification/question-limits.js';
import type { LocalFacts } from './protocol.js';

function userAgentOf({ headers }: DescribedRequest): string | null {
  for (const name in headers) {
    if (name.length !== 10 || name.toLowerCase() !== 'user-agent') continue;
    const value = headers[name];
    const first = typeof value === 'string' ? value : value?.[0];
    return first?.slice(0, MAX_LOGGED_USER_AGENT_LENGTH).toWellFormed() ?? null;
  }
  return null;
}

/** The facts about a request that are logged. */
export function factsOf({ request = {} }: VerifyQuestion): LocalFacts {
  return {
    method: request.method ?? null,
    path: request.url?.slice(0, MAX_LOGGED_PATH_LENGTH).toWellFormed() ?? null,
    ip: request.ip === undefined ? null : (normalizeAddress(request.ip) ?? null),
    userAgent: userAgentOf(request),
  };
}
