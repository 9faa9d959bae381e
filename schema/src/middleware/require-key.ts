import { STATUS_CODES } from 'node:http';
import { KeywrightError } from '../client/error.js';
import type {
  AcceptedAnswer,
  DescribedRequest,
  Environment,
  RefusedAnswer,
  Verifier,
} from '../client/verifier.js';
import { MAX_HEADERS, MAX_URL_LENGTH } from '../question-limits.js';
import { newTypeId } from '../type-id.js';
import {
  headersOfVerdict,
  PROBLEM_CONTENT_TYPE,
  problemOfVerdict,
  problemType,
  rateLimitHeaders,
  type VerdictProblem,
} from '../verdict-http.js';

/** A value, or how it follows from the request; the function must give one. */
export type Asked<Request, Value> = Value | ((request: Request) => Value);

/** What a request needs to pass. */
export interface RequireKeyOptions<Request> {
  /** PRODUCTION when absent. */
  readonly environment?: Environment;
  /** Any of them will do; absent: any valid key passes. */
  readonly permission?: Asked<Request, string | readonly string[]>;
  /** Id of the scope that the permission must be held at. */
  readonly scope?: Asked<Request, string>;
  /** Units that the limits of the key are charged; 1 when absent. */
  readonly cost?: Asked<Request, number>;
  /** Told why a request was answered with 503. */
  readonly onError?: (error: unknown, request: Request) => void;
}

/** The answer to a request that does not pass. */
export interface Refusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What becomes of a request: the key that it came with and headers for its answer, or the answer instead. */
export type Decision =
  | { readonly key: AcceptedAnswer; readonly headers: Readonly<Record<string, string>> }
  | { readonly refusal: Refusal };

const RETRY_AFTER_SECONDS = 1;

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
  const told = problemOfVerdict({ code, message, retryAfterSeconds: retryAfter }, requestId);
  return refusalOf(told, headersOfVerdict(status, limits, retryAfter));
}

/** Nothing passes without a verdict. Why there is none is not for the client to know. */
function undecided(error: unknown): Refusal {
  const asked = error instanceof KeywrightError ? error.retryAfterSeconds : null;
  const retryAfter = Math.max(asked ?? 0, RETRY_AFTER_SECONDS);
  const told = problem(503, 'UNAVAILABLE', 'API keys cannot be checked at present. Try again later.');
  return refusalOf(
    { ...told, retryAfter },
    { 'cache-control': 'no-store', 'retry-after': String(retryAfter) },
  );
}

/** What is asked of this request. A function that gives nothing must not ask for nothing. */
function asked<Request, Value>(
  name: string,
  option: Asked<Request, Value> | undefined,
  request: Request,
): Value | undefined {
  if (typeof option !== 'function') return option;
  const value = (option as (request: Request) => Value)(request);
  if (value == null) throw new TypeError(`The function for the ${name} gave none.`);
  return value;
}

/** A request that Keywright takes no question about. */
function refuseTooLarge({ url = '', headers = {} }: DescribedRequest): Refusal | undefined {
  const refuse = (status: number, detail: string): Refusal =>
    refusalOf(problem(status, 'BAD_USER_INPUT', detail), { 'cache-control': 'no-store' });
  if (url.length > MAX_URL_LENGTH) return refuse(414, `The URL is longer than ${MAX_URL_LENGTH} characters.`);
  let count = 0;
  for (const name in headers) count += Array.isArray(headers[name]) ? headers[name].length : 1;
  return count > MAX_HEADERS ? refuse(431, `The request has more than ${MAX_HEADERS} headers.`) : undefined;
}

/** Decides about a request that a framework has received. Error: whatever a function among the options throws. */
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
    permission: asked('permission', permission, request),
    scope: asked('scope', scope, request),
    cost: asked('cost', cost, request),
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
