import { ERROR_CODES, type ErrorCode } from '@keywright/schema/error-codes';

/** One invalid input field: `path` is dotted, as in `rateLimits.0.limit`. */
export interface FieldError {
  readonly path: string;
  readonly message: string;
}

/** Number of keys, and the maximum. */
export interface Allowance {
  readonly used: number;
  readonly maximum: number;
}

/** What an error can carry besides its code and public message. */
export interface AppErrorDetails {
  readonly fields?: readonly FieldError[];
  readonly retryAfterSeconds?: number;
  /** With LICENSE_LIMIT_REACHED. */
  readonly allowance?: Allowance;
  /** With CONFLICT, if the expected version is not the current one. */
  readonly currentVersion?: number;
  /** With CONFLICT, if the expected revision of a list is not the current one. */
  readonly currentRevision?: string;
  /** For the log only. */
  readonly cause?: unknown;
}

/** An expected failure: a code, a message for the caller, and a private cause. Mapped to GraphQL and HTTP in one place each. */
export class AppError extends Error {
  readonly fields: readonly FieldError[] | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly allowance: Allowance | undefined;
  readonly currentVersion: number | undefined;
  readonly currentRevision: string | undefined;

  constructor(
    readonly code: ErrorCode,
    message: string,
    details: AppErrorDetails = {},
  ) {
    super(message, { cause: details.cause });
    this.name = 'AppError';
    this.fields = details.fields;
    this.retryAfterSeconds = details.retryAfterSeconds;
    this.allowance = details.allowance;
    this.currentVersion = details.currentVersion;
    this.currentRevision = details.currentRevision;
  }

  /** HTTP status of this error. */
  get status(): number {
    return ERROR_CODES[this.code].status;
  }
}

/** A client error with its own HTTP status; its message is for the client. */
export class ClientFault extends Error {
  constructor(
    message: string,
    readonly statusCode: 400 | 413 | 415,
  ) {
    super(message);
  }
}

/** BAD_USER_INPUT that names the invalid fields. */
export const badInput = (fields: readonly FieldError[]): AppError =>
  new AppError(
    'BAD_USER_INPUT',
    fields.length === 1 ? fields[0]!.message : fields.map((f) => `${f.path}: ${f.message}`).join(' '),
    { fields },
  );

/** The same answer for what does not exist and for what the actor cannot see. */
export const notFound = (): AppError => new AppError('NOT_FOUND', 'Nothing was found with this ID.');
