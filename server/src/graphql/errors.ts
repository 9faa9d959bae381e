import { ERROR_CODES, type ErrorCode } from '@keywright/schema/error-codes';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { AppError, badInput } from '../core/errors.js';
import { redact, redactFields } from '../core/redact.js';
import { isUnexpected, toAppError } from '../core/failure.js';

const MAX_MESSAGE_LENGTH = 400;
const INVALID_VARIABLE = /^Variable "\$(\w+)" got invalid value [^]*? at "\w+((?:\.\w+|\[\d+\])+)"; /;
const SUGGESTION = /\s*Did you mean [^?]*\?(?: Or [^?]*\?)*/g;

/** The context in which an error is presented. */
export interface ErrorSetting {
  readonly requestId: string;
  /** Whether the caller is known; others get no suggestions with names of the schema. */
  readonly signedIn: boolean;
  /** Called with unexpected errors and their cause. */
  readonly log: (error: AppError, requestId: string) => void;
}

const isCode = (code: unknown): code is ErrorCode => typeof code === 'string' && code in ERROR_CODES;

/** The innermost error. */
function innermost(error: unknown): unknown {
  let at = error;
  while (at instanceof GraphQLError && at.originalError) at = at.originalError;
  return at;
}

/** The error for an invalid variable, with the path of the input field: `input.rateLimits[0].limit` becomes `rateLimits.0.limit`. */
function ofVariable(error: GraphQLError, reason: string): AppError | undefined {
  const name = /^Variable "\$(\w+)" got invalid value /.exec(error.message)?.[1];
  if (!name) return undefined;
  const member = INVALID_VARIABLE.exec(error.message)?.[2];
  const path = member ? member.replaceAll(/\[(\d+)\]/g, '.$1').slice(1) : name;
  return badInput([{ path, message: reason.slice(0, MAX_MESSAGE_LENGTH) }]);
}

/** Maps a thrown error to the error that the caller sees. */
function appErrorOf(error: unknown): AppError {
  const inner = innermost(error);
  if (!(inner instanceof GraphQLError)) return toAppError(inner);
  if (isCode(inner.extensions['code'])) return new AppError(inner.extensions['code'], inner.message);
  const outer = error instanceof GraphQLError ? error : inner;
  const variable = ofVariable(outer, inner.message);
  if (variable) return variable;
  // Without a path nothing ran yet, and with nodes an argument is invalid: a client error. The rest are server errors.
  if (outer.path === undefined || inner.nodes) {
    return new AppError('BAD_USER_INPUT', outer.message.slice(0, MAX_MESSAGE_LENGTH));
  }
  return toAppError(inner);
}

/** Formats an error for the answer: `extensions` has code, requestId and, if they apply, fields, retryAfterSeconds, used and maximum, currentVersion, currentRevision. */
export function presentError(error: unknown, setting: ErrorSetting): GraphQLFormattedError {
  const appError = appErrorOf(error);
  if (isUnexpected(appError)) setting.log(appError, setting.requestId);
  const { locations, path } = error instanceof GraphQLError ? error : {};
  return {
    message: redact(setting.signedIn ? appError.message : appError.message.replaceAll(SUGGESTION, '')),
    ...(locations ? { locations } : {}),
    ...(path ? { path } : {}),
    extensions: {
      code: appError.code,
      ...(appError.fields ? { fields: redactFields(appError.fields) } : {}),
      ...(appError.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: appError.retryAfterSeconds }),
      ...appError.allowance,
      ...(appError.currentVersion === undefined ? {} : { currentVersion: appError.currentVersion }),
      ...(appError.currentRevision === undefined ? {} : { currentRevision: appError.currentRevision }),
      requestId: setting.requestId,
    },
  };
}
