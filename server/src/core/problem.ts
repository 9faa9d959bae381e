import { STATUS_CODES } from 'node:http';
import { ERROR_CODES } from '@keywright/schema/error-codes';
import { problemType, type VerdictProblem } from '@keywright/schema/verdict-http';
import { AppError, ClientFault, type Allowance, type FieldError } from './errors.js';
import { redact, redactFields } from './redact.js';

/** Body of an error outside GraphQL (RFC 9457); `used` and `maximum` come with LICENSE_LIMIT_REACHED. */
export interface Problem extends VerdictProblem, Partial<Allowance> {
  readonly errors?: readonly FieldError[];
}

/** The problem for an expected failure. */
function ofAppError(error: AppError, requestId: string): Problem {
  return {
    type: problemType(error.code),
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

/** HTTP status of the framework's own client errors (body too large, bad JSON), or undefined. */
function clientStatusOf(error: unknown): number | undefined {
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : undefined;
}

/**
 * The problem for anything thrown: an {@link AppError} keeps its message, a client error of the HTTP framework keeps its
 * status, and everything else is INTERNAL without its cause.
 */
export function problemOf(error: unknown, requestId: string): Problem {
  if (error instanceof AppError) return ofAppError(error, requestId);
  const status = clientStatusOf(error);
  if (status === undefined) {
    return ofAppError(new AppError('INTERNAL', 'Something went wrong. Try again later.'), requestId);
  }
  const code = status === 404 ? 'NOT_FOUND' : 'BAD_USER_INPUT';
  return {
    type: problemType(code),
    title: STATUS_CODES[status] ?? ERROR_CODES[code].title,
    status,
    detail:
      error instanceof ClientFault
        ? error.message
        : 'The request could not be read: check its body, its size and its Content-Type.',
    code,
    requestId,
  };
}
