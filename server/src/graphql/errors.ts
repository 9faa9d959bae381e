import { ERROR_CODES, type ErrorCode } from '@keywright/schema/error-codes';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { AppError, badInput } from '../core/errors.js';
import { redact, redactFields } from '../core/redact.js';
import { isUnexpected, toAppError } from '../core/failure.js';

const MAX_MESSAGE = 400;
const INVALID_VARIABLE = /^Variable "\$(\w+)" got invalid value [^]*? at "\w+((?:\.\w+|\[\d+\])+)"; /;
const SUGGESTION = /\s*Did you mean [^?]*\?(?: Or [^?]*\?)*/g;

/** What an error is shown with. */
export interface ErrorSetting {
  readonly requestId: string;
  /** Whether the caller is known; others get no hints at the names in the schema. */
  readonly signedIn: boolean;
  /** Gets errors that nobody expected, with their cause. */
  readonly log: (error: AppError, requestId: string) => void;
}

const isCode = (code: unknown): code is ErrorCode => typeof code === 'string' && code in ERROR_CODES;

/** The innermost thing that was thrown. */
function innermost(error: unknown): unknown {
  let at = error;
  while (at instanceof GraphQLError && at.originalError) at = at.originalError;
  return at;
}

/** An invalid variable names the member of the input: `input.rateLimits[0].limit` becomes `rateLimits.0.limit`. */
function ofVariable(error: GraphQLError, reason: string): AppError | undefined {
  const name = /^Variable "\$(\w+)" got invalid value /.exec(error.message)?.[1];
  if (!name) return undefined;
  const member = INVALID_VARIABLE.exec(error.message)?.[2];
  const path = member ? member.replaceAll(/\[(\d+)\]/g, '.$1').slice(1) : name;
  return badInput([{ path, message: reason.slice(0, MAX_MESSAGE) }]);
}

/** What a thrown error tells the caller: the one mapping of errors in GraphQL. */
function toldBy(error: unknown): AppError {
  const inner = innermost(error);
  if (!(inner instanceof GraphQLError)) return toAppError(inner);
  if (isCode(inner.extensions['code'])) return new AppError(inner.extensions['code'], inner.message);
  const outer = error instanceof GraphQLError ? error : inner;
  const variable = ofVariable(outer, inner.message);
  if (variable) return variable;
  // Without a path nothing ran yet, and with nodes an argument was wrong: the caller's fault. The rest is ours.
  if (outer.path === undefined || inner.nodes) {
    return new AppError('BAD_USER_INPUT', outer.message.slice(0, MAX_MESSAGE));
  }
  return toAppError(inner);
}

/** Shapes an error for the answer: `extensions` has code, requestId and, where they apply, fields, retryAfterSeconds, used and maximum, currentVersion, currentRevision. */
export function presentError(error: unknown, setting: ErrorSetting): GraphQLFormattedError {
  const told = toldBy(error);
  if (isUnexpected(told)) setting.log(told, setting.requestId);
  const { locations, path } = error instanceof GraphQLError ? error : {};
  return {
    message: redact(setting.signedIn ? told.message : told.message.replaceAll(SUGGESTION, '')),
    ...(locations ? { locations } : {}),
    ...(path ? { path } : {}),
    extensions: {
      code: told.code,
      ...(told.fields ? { fields: redactFields(told.fields) } : {}),
      ...(told.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: told.retryAfterSeconds }),
      ...told.allowance,
      ...(told.currentVersion === undefined ? {} : { currentVersion: told.currentVersion }),
      ...(told.currentRevision === undefined ? {} : { currentRevision: told.currentRevision }),
      requestId: setting.requestId,
    },
  };
}
