import { holdsSecret } from '@keywright/schema/token-in-text';
import { isStorableText, lengthOf } from './text.js';

/** Why a text cannot be a description, in a sentence; undefined when it can. */
export function faultOfDescription(text: string, maxLength: number): string | undefined {
  if (lengthOf(text) > maxLength) return `A description has at most ${maxLength} characters.`;
  if (!isStorableText(text)) return 'The description has a NUL or half a character in it.';
  return holdsSecret(text)
    ? 'The description holds what looks like an API key or a signing secret. Leave it out.'
    : undefined;
}
