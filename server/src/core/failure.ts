import { AppError } from './errors.js';
import { logLine } from './redact.js';

const MAX_REASON_LENGTH = 400;

/** Socket errors, and the SQLSTATEs of a server that shuts down, starts up, is out of connections, or hits a statement or lock timeout. */
const AWAY =
  /^(?:ECONNREFUSED|ECONNRESET|ECONNABORTED|ETIMEDOUT|EPIPE|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ENOENT|08.{3}|53300|57P0[1-4]|57014|55P03)$/;
const AWAY_MESSAGE =
  /timeout exceeded when trying to connect|Connection terminated|Query read timeout|Client has encountered a connection error|not queryable|Driver not Connected/i;

const REFUSED =
  'The database rejects the account in DATABASE_URL. Correct its password, or allow it to log in and connect.';
const INCOMPLETE =
  "The database lacks parts of Keywright's schema. Wait until its restore is complete; if none is running, restart Keywright, restore a backup, or check the search_path of the account in DATABASE_URL.";
/** What an operator can do about a database that answers but cannot do its work, by SQLSTATE. */
const HINTS: ReadonlyMap<string, string> = new Map([
  [
    '25006',
    'The database is read-only. Make sure that DATABASE_URL leads to the primary; nothing was changed.',
  ],
  ['53100', 'The database is out of disk space. Free some and try again; nothing was changed.'],
  ['53200', 'The database is out of memory. Try again shortly; nothing was changed.'],
  [
    '53300',
    'The database has no free connection. Try again shortly; if this continues, raise max_connections or run fewer processes.',
  ],
  [
    '53400',
    'The database reached one of its limits. Raise the limit that its log names; nothing was changed.',
  ],
  ['58030', 'The database cannot read or write its files. Check its log and its disk; nothing was changed.'],
  [
    '42501',
    'The account in DATABASE_URL is not allowed to do this. Make it the owner of the database and its tables.',
  ],
  ['28000', REFUSED],
  ['28P01', REFUSED],
  // Missing: a table, a schema, a column, a function or operator, a type, a unique index.
  ...['42P01', '3F000', '42703', '42883', '42704', '42P10'].map((state) => [state, INCOMPLETE] as const),
  ['3D000', 'The database in DATABASE_URL does not exist. Restore it, or correct DATABASE_URL.'],
]);
/** Matched by message, because many other faults share its SQLSTATE (55000). */
const CLOSED_MESSAGE = /is not currently accepting connections/;
const CLOSED = 'The database is not accepting connections. Allow them again (ALLOW_CONNECTIONS).';

/** An error and its causes, outermost first. */
function* causesOf(error: unknown): Generator<{ readonly code: string; readonly message: string }> {
  for (let at: unknown = error, hops = 0; at instanceof Error && hops < 5; hops++) {
    yield { code: 'code' in at && typeof at.code === 'string' ? at.code : '', message: at.message };
    at = 'driverError' in at && at.driverError !== at ? at.driverError : at.cause;
  }
}

/** Whether the error or one of its causes says that the database did not answer. */
export function isDatabaseAway(error: unknown): boolean {
  for (const { code, message } of causesOf(error)) {
    if (AWAY.test(code) || AWAY_MESSAGE.test(message)) return true;
  }
  return false;
}

function hintFor(error: unknown): string | undefined {
  for (const { code, message } of causesOf(error)) {
    const hint = HINTS.get(code) ?? (CLOSED_MESSAGE.test(message) ? CLOSED : undefined);
    if (hint) return hint;
  }
  return undefined;
}

/** Whether the database aborted a transaction because of a deadlock or a serialization failure. */
const isTransactionConflict = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === '40P01' || error.code === '40001');

/** Turns anything thrown into an error that callers can see: CONFLICT or UNAVAILABLE if the database could not do it now, else INTERNAL with the cause. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (isTransactionConflict(error)) {
    return new AppError('CONFLICT', 'Someone else changed this at the same time. Try again.', {
      cause: error,
    });
  }
  const hint = hintFor(error);
  if (hint !== undefined || isDatabaseAway(error)) {
    const message = hint ?? 'The database is not responding. Try again shortly.';
    return new AppError('UNAVAILABLE', message, { retryAfterSeconds: 2, cause: error });
  }
  return new AppError('INTERNAL', 'Something went wrong. Try again later.', { cause: error });
}

/** Whether an operator should know about the error: the cause is in the installation, not in the request. */
export const isUnexpected = ({ code }: AppError): boolean => code === 'INTERNAL' || code === 'UNAVAILABLE';

/** Where {@link logFailure} writes. */
export interface FailureLog {
  error(details: object, message: string): void;
  warn(details: object, message: string): void;
}

/** Logs an error that was sent to a caller: a fault with its cause and stack, a deliberate rejection as one line with its reason. */
export function logFailure(log: FailureLog, error: AppError, message: string, details: object = {}): void {
  const { code, cause } = error;
  const isFault = code === 'INTERNAL' || (isUnexpected(error) && cause !== undefined);
  if (isFault) log.error({ ...details, err: cause ?? error }, message);
  else log.warn({ ...details, code, reason: logLine(error.message, MAX_REASON_LENGTH) }, message);
}
