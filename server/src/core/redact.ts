import type { FieldError } from './errors.js';

/** What stands in place of a credential. */
const REDACTED = '[redacted]';

/** Anything that looks like a token of any brand, whole or cut. */
const TOKEN_SHAPED = /[a-z][a-z0-9]{0,15}_(?:live|stag|dev)_[0-9A-Za-z]{8,}/gi;

/** Query members that carry credentials by habit. */
const SECRET_MEMBER =
  /([?&;](?:x[-_]?)?(?:api[-_]?key|key|token|access[-_]?token|secret|signature|password)=)[^&;#\s]*/gi;

/** Text without anything token-shaped, and without the values of query members that carry credentials. For logs and answers. */
export const redact = (text: string): string =>
  text.replace(SECRET_MEMBER, `$1${REDACTED}`).replace(TOKEN_SHAPED, REDACTED);

/** Refused members as an answer may name them: what a caller put in the wrong place may be a credential. */
export const redactFields = (fields: readonly FieldError[]): FieldError[] =>
  fields.map(({ path, message }) => ({ path: redact(path), message: redact(message) }));

/** A line for a log: redacted, without control characters and broken surrogates, at most `maxLength` long; null stays null. */
export function logLine(text: string | null | undefined, maxLength: number): string | null {
  if (text == null) return null;
  // A little more than is kept, so that a token across the border is still seen.
  const start = text.slice(0, maxLength + 100).toWellFormed();
  // eslint-disable-next-line no-control-regex
  return redact(start.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, ' '))
    .slice(0, maxLength)
    .toWellFormed();
}
