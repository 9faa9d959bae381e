import { formatCount } from '../lib/number.js';
import { CombinedGraphQLErrors, ServerError, ServerParseError } from '@apollo/client/errors';

/** One input field that the server rejected; `path` is dotted, such as `rateLimits.0.limit`. */
export interface FieldError {
  path: string;
  message: string;
}

function firstExtensions(error: unknown): Record<string, unknown> {
  return CombinedGraphQLErrors.is(error) ? (error.errors[0]?.extensions ?? {}) : {};
}

/** The `extensions.code` of a GraphQL error; null for anything else. */
export function errorCode(error: unknown): string | null {
  const code = firstExtensions(error)['code'];
  return typeof code === 'string' ? code : null;
}

/** The current version of an object, if a change was rejected because the object changed meanwhile; null for any other error. */
export function staleVersion(error: unknown): number | null {
  const { code, currentVersion } = firstExtensions(error);
  return code === 'CONFLICT' && typeof currentVersion === 'number' ? currentVersion : null;
}

/** Whether a change was rejected because its list changed meanwhile. */
export function isStaleRevision(error: unknown): boolean {
  const { code, currentRevision } = firstExtensions(error);
  return code === 'CONFLICT' && typeof currentRevision === 'string';
}

/** Whether the server could not be reached or could not answer, so a retry makes sense. */
export function isNetworkError(error: unknown): boolean {
  if (CombinedGraphQLErrors.is(error)) return false;
  if (ServerError.is(error)) return error.statusCode >= 502;
  return error instanceof TypeError || ServerParseError.is(error);
}

function isFieldError(value: unknown): value is FieldError {
  const entry = value as Partial<FieldError> | null;
  return typeof entry?.path === 'string' && typeof entry.message === 'string';
}

/** The input fields that the server rejected, so that a form can show an error at each. */
export function fieldErrors(error: unknown): FieldError[] {
  const { fields } = firstExtensions(error);
  if (!Array.isArray(fields)) return [];
  return fields
    .filter(isFieldError)
    .map(({ path, message }) => ({ path: path.replace(/^(input|data)\./, ''), message }));
}

/** Seconds until another attempt is allowed, if the server sent them. */
export function retryAfterSeconds(error: unknown): number | null {
  const extensions = firstExtensions(error);
  const value = extensions['retryAfterSeconds'] ?? extensions['retryAfter'];
  return typeof value === 'number' && value > 0 ? value : null;
}

/** Usage and limit of the license, if it prevented the creation of a key; the server's message covers a customer's limit. */
function licenseMessage(error: CombinedGraphQLErrors): string | null {
  if (error.errors[0]?.message.startsWith('This customer')) return null;
  const { code, used, maximum } = firstExtensions(error);
  if (code !== 'LICENSE_LIMIT_REACHED' || typeof used !== 'number' || typeof maximum !== 'number')
    return null;
  return `The license allows ${formatCount(maximum)} keys, and ${formatCount(used)} are in use. Revoke an unused key or extend the license.`;
}

/** A message about an error for the user. */
export function errorMessage(error: unknown): string {
  if (CombinedGraphQLErrors.is(error)) {
    return licenseMessage(error) ?? error.errors[0]?.message ?? 'Something went wrong.';
  }
  if (isNetworkError(error)) return 'Cannot reach the server. Check your connection, then try again.';
  if (ServerError.is(error))
    return `The server responded with status ${error.statusCode}. Try again in a moment.`;
  return error instanceof Error && error.message ? error.message : 'Something went wrong.';
}
