import { STATUS_CODES } from 'node:http';
import { ERROR_CODES } from '@keywright/schema/error-codes';
import { VERDICTS, type VerdictCode } from '@keywright/schema/verdicts';
import { AppError, type Allowance, type FieldError } from './errors.js';
import { redact, redactFields } from './redact.js';

/** Media type of {@link Problem} (RFC 9457). */
export const PROBLEM_CONTENT_TYPE = 'application/problem+json; charset=utf-8';

/** Body of an error outside GraphQL (RFC 9457). `retryAfter` is in seconds, as in the `Retry-After` header; `used` and `maximum` come with LICENSE_LIMIT_REACHED. */
export interface Problem extends Partial<Allowance> {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly requestId: string;
  readonly retryAfter?: number;
  readonly errors?: readonly FieldError[];
}

/** The part of a verdict that a refused caller is told. */
export interface RefusedVerdict {
  readonly code: VerdictCode;
  readonly message: string;
  readonly retryAfterSeconds: number | null;
}

const typeOf = (code: string): string =>
  `urn:problem-type:keywright:${code.toLowerCase().replaceAll('_', '-')}`;

/** The problem that tells an expected failure. */
function ofAppError(error: AppError, requestId: string): Problem {
  return {
    type: typeOf(error.code),
    title: ERROR_CODES[error.code].title,
    status: error.status,
    detail: redact(error.message),
    code: error.code,
    requestId,
    ...(error.retryAfterSeconds === undefined ? {} : { retryAfter: error.retryAfterSeconds }),
    ...error.allowance,
    ...(error.fields === undefined ? {} : { errors: redactFields(error.fields) }),
  };
}

/** HTTP status that a framework put on its own client error (body too large, bad JSON), or undefined. */
function clientStatusOf(error: unknown): number | undefined {
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : undefined;
}

/**
 * The problem for anything thrown: an {@link AppError} tells its sentence, a client error of the HTTP framework keeps its
 * status, and everything else is INTERNAL without a word about its cause.
 */
export function problemOf(error: unknown, requestId: string): Problem {
  if (error instanceof AppError) return ofAppError(error, requestId);
  const status = clientStatusOf(error);
  if (status === undefined) {
    return ofAppError(new AppError('INTERNAL', 'Something went wrong here. Try again later.'), requestId);
  }
  const code = status === 404 ? 'NOT_FOUND' : 'BAD_USER_INPUT';
  return {
    type: typeOf(code),
    title: STATUS_CODES[status] ?? ERROR_CODES[code].title,
    status,
    detail: 'The request could not be read: check its body, its size and its Content-Type.',
    code,
    requestId,
  };
}

/** The problem for a refused verification. */
export function problemOfVerdict(verdict: RefusedVerdict, requestId: string): Problem {
  const info = VERDICTS[verdict.code];
  return {
    type: typeOf(verdict.code),
    title: info.title,
    status: info.status,
    detail: verdict.message,
    code: verdict.code,
    requestId,
    ...(verdict.retryAfterSeconds === null ? {} : { retryAfter: verdict.retryAfterSeconds }),
  };
}
