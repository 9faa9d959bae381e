import { STATUS_CODES } from 'node:http';
import { KeywrightError } from '../client/error.js';
import type {
  AcceptedAnswer,
  DescribedRequest,
  Environment,
  RefusedAnswer,
  Verifier,
} from '../client/verifier.js';
import { MAX_HEADERS, MAX_URL_LENGTH } from '../verification/question-limits.js';
import { newTypeId } from '../type-id.js';
import {
  headersOfVerdict,
  PROBLEM_CONTENT_TYPE,
  problemOfVerdict,
  problemType,
  rateLimitHeaders,
  type VerdictProblem,
} from '../verification/verdict-http.js';

/** A value, or a function that derives it from the request and must return one. */
export type Asked<Request, Value> = Value | ((request: Request) => Value);

/** What a request needs to be accepted. */
export interface RequireKeyOptions<Request> {
  /** PRODUCTION if absent. */
  readonly environment?: Environment;
  /** Any one of them suffices; absent: any valid key. */
  readonly permission?: Asked<Request, string | readonly string[]>;
  /** Id of the scope at which the key needs the permission. */
  readonly scope?: Asked<Request, string>;
  /** Units charged to the key's limits; 1 if absent. */
  readonly cost?: Asked<Request, number>;
  /** Called with the reason when a request is answered with 503. */
  readonly onError?: (error: unknown, request: Request) => void;
}

/** The response to a rejected request. */
export interface Refusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The key of an accepted request with headers for its response, or the response to a rejected one. */
export type Decision =
  | { readonly key: AcceptedAnswer; readonly headers: Readonly<Record<string, string>> }
  | { readonly refusal: Refusal };

const MIN_RETRY_AFTER_SECONDS = 1;

const refusalOf = (problem: VerdictProblem, headers: Readonly<Record<string, string>>): Refusal => ({
  status: problem.status,
  headers: { ...headers, 'content-type': PROBLEM_CONTENT_TYPE },
  body: JSON.stringify(problem),
});

function problem(status: number, code: string, detail: string): VerdictProblem {
  const requestId = newTypeId('req', Date.now());
  return { type: problemType(code), title: STATUS_CODES[status]!, status, detail, code, requestId };
}

function refused({ code, message, status, retryAfter, limits = [], requestId }: RefusedAnswer): Refusal {
  const body = problemOfVerdict({ code, message, retryAfterSeconds: retryAfter }, requestId);
  return refusalOf(body, headersOfVerdict(status, limits, retryAfter));
}

/** The response without a verdict: always a rejection, and without the reason, which clients must not see. */
function undecided(error: unknown): Refusal {
  const requestedSeconds = error instanceof KeywrightError ? error.retryAfterSeconds : null;
  const retryAfter = Math.max(requestedSeconds ?? 0, MIN_RETRY_AFTER_SECONDS);
  const body = problem(503, 'UNAVAILABLE', 'API keys cannot be checked right now. Try again later.');
  return refusalOf(
    { ...body, retryAfter },
    { 'cache-control': 'no-store', 'retry-after': String(retryAfter) },
  );
}

/** Resolves an option for this request. A function that returns nothing is an error, as it must not drop the requirement. */
function resolveOption<Request, Value>(
  name: string,
  option: Asked<Request, Value> | undefined,
  request: Request,
): Value | undefined {
  if (typeof option !== 'function') return option;
  const value = (option as (request: Request) => Value)(request);
  if (value == null) throw new TypeError(`The function for the ${name} did not return one.`);
  return value;
}

/** The response to a request that is too large for Keywright to verify. */
function refuseTooLarge({ url = '', headers = {} }: DescribedRequest): Refusal | undefined {
  const refuse = (status: number, detail: string): Refusal =>
    refusalOf(problem(status, 'BAD_USER_INPUT', detail), { 'cache-control': 'no-store' });
  if (url.length > MAX_URL_LENGTH) return refuse(414, `The URL is longer than ${MAX_URL_LENGTH} characters.`);
  let count = 0;
  for (const name in headers) count += Array.isArray(headers[name]) ? headers[name].length : 1;
  return count > MAX_HEADERS ? refuse(431, `The request has more than ${MAX_HEADERS} headers.`) : undefined;
}

/** Decides on a request that a framework has received. Error: whatever an option's function throws. */
export async function decide<Request>(
  verifier: Verifier,
  { environment, permission, scope, cost, onError }: RequireKeyOptions<Request>,
  request: Request,
  described: DescribedRequest,
): Promise<Decision> {
  const tooLarge = refuseTooLarge(described);
  if (tooLarge) return { refusal: tooLarge };
  const question = {
    request: described,
    environment,
    permission: resolveOption('permission', permission, request),
    scope: resolveOption('scope', scope, request),
    cost: resolveOption('cost', cost, request),
  };
  try {
    const answer = await verifier.verify(question);
    if (!answer.valid) return { refusal: refused(answer) };
    return { key: answer, headers: rateLimitHeaders(answer.limits) };
  } catch (error) {
    onError?.(error, request);
    return { refusal: undecided(error) };
  }
}
