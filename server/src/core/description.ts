import { holdsSecret } from '@keywright/schema/token-in-text';
import { isPlainLine, isStorableText, lengthOf } from './text.js';

/** A sentence that says that a text contains a secret; undefined if it contains none. */
export const faultOfSecret = (text: string, what: string): string | undefined =>
  holdsSecret(text)
    ? `${what} contains what looks like an API key or a signing secret. Remove it.`
    : undefined;

/** A sentence that says why a text cannot be a name; undefined if it can. */
export const faultOfName = (text: string, maxLength: number): string | undefined =>
  text === '' || lengthOf(text) > maxLength || !isPlainLine(text)
    ? `A name must be one line of 1 to ${maxLength} characters.`
    : faultOfSecret(text, 'The name');

/** A sentence that says why a text cannot be a description; undefined if it can. */
export function faultOfDescription(text: string, maxLength: number): string | undefined {
  if (lengthOf(text) > maxLength) return `A description can have at most ${maxLength} characters.`;
  if (!isStorableText(text)) return 'The description contains a NUL or an unpaired surrogate. Remove it.';
  return faultOfSecret(text, 'The description');
}
