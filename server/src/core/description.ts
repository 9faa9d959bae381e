import { holdsSecret } from '@keywright/schema/token-in-text';
import { isPlainLine, isStorableText, lengthOf } from './text.js';

/** A sentence that says that a text contains a secret; undefined if it contains none. */
export const faultOfSecret = (text: string, what: string): string | undefined =>
  holdsSecret(text)
    ? `${what} holds what looks like an API key or a signing secret. Leave it out.`
    : undefined;

/** A sentence that says why a text cannot be a name; undefined if it can. */
export const faultOfName = (text: string, maxLength: number): string | undefined =>
  text === '' || lengthOf(text) > maxLength || !isPlainLine(text)
    ? `A name is one line of 1 to ${maxLength} characters.`
    : faultOfSecret(text, 'The name');

/** A sentence that says why a text cannot be a description; undefined if it can. */
export function faultOfDescription(text: string, maxLength: number): string | undefined {
  if (lengthOf(text) > maxLength) return `A description has at most ${maxLength} characters.`;
  if (!isStorableText(text)) return 'The description has a NUL or half a character in it.';
  return faultOfSecret(text, 'The description');
}
