import { formatCount } from '../lib/number.js';
import { CombinedGraphQLErrors, ServerError, ServerParseError } from '@apollo/client/errors';

/** One complaint of the server about one input field; `path` is dotted, such as `rateLimits.0.limit`. */
export interface FieldError {
  path: string;
  message: string;
}

function firstExtensions(error: unknown): Record<string, unknown> {
  return CombinedGraphQLErrors.is(error) ? (error.errors[0]?.extensions ?? {}) : {};
}

/** The `extensions.code` of a GraphQL error, or null for anything else. */
export function errorCode(error: unknown): string | null {
  const code = firstExtensions(error)['code'];
  return typeof code === 'string' ? code : null;
}

/** The current version of something that was changed meanwhile, when a change was refused for that; null for any other error. */
export function staleVersion(error: unknown): number | null {
  const { code, currentVersion } = firstExtensions(error);
  return code === 'CONFLICT' && typeof currentVersion === 'number' ? currentVersion : null;
}

/** Whether a change was refused because the list that it starts from was changed meanwhile. */
export function isStaleRevision(error: unknown): boolean {
  const { code, currentRevision } = firstExtensions(error);
  return code === 'CONFLICT' && typeof currentRevision === 'string';
}

/** Whether the server could not be reached or could not answer, so that trying again makes sense. */
export function isNetworkError(error: unknown): boolean {
  if (CombinedGraphQLErrors.is(error)) return false;
  if (ServerError.is(error)) return error.statusCode >= 502;
  return error instanceof TypeError || ServerParseError.is(error);
}

function isFieldError(value: unknown): value is FieldError {
  const entry = value as Partial<FieldError> | null;
  return typeof entry?.path === 'string' && typeof entry.message === 'string';
}

/** Which input fields the server refused, so that a form can say it beside each of them. */
export function fieldErrors(error: unknown): FieldError[] {
  const { fields } = firstExtensions(error);
  if (!Array.isArray(fields)) return [];
  return fields
    .filter(isFieldError)
    .map(({ path, message }) => ({ path: path.replace(/^(input|data)\./, ''), message }));
}

/** Seconds until another attempt is allowed, when the server said so. */
export function retryAfterSeconds(error: unknown): number | null {
  const extensions = firstExtensions(error);
  const value = extensions['retryAfterSeconds'] ?? extensions['retryAfter'];
  return typeof value === 'number' && value > 0 ? value : null;
}

/** Use and limit of the licence, when a key could not be made for its sake; the limit of a customer is told by the server. */
function licenceMessage(error: CombinedGraphQLErrors): string | null {
  if (error.errors[0]?.message.startsWith('This customer')) return null;
  const { code, used, maximum } = firstExtensions(error);
  if (code !== 'LICENSE_LIMIT_REACHED' || typeof used !== 'number' || typeof maximum !== 'number')
    return null;
  return `The licence allows ${formatCount(maximum)} keys, and ${formatCount(used)} are in use. Revoke a key that is no longer needed, or extend the licence.`;
}

/** One sentence about an error, fit to be shown to the person at the screen. */
export function errorMessage(error: unknown): string {
  if (CombinedGraphQLErrors.is(error)) {
    return licenceMessage(error) ?? error.errors[0]?.message ?? 'Something went wrong.';
  }
  if (isNetworkError(error)) return 'The server cannot be reached. Check your connection, then try again.';
  if (ServerError.is(error))
    return `The server answered with status ${error.statusCode}. Try again in a moment.`;
  return error instanceof Error && error.message ? error.message : 'Something went wrong.';
}
