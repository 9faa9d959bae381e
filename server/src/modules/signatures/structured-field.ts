import { parseDictionary, serializeDictionary, type Dictionary } from 'structured-headers';

/** Maximum length of a dictionary, in characters: several times what a signature needs. */
const MAX_DICTIONARY_CHARS = 4096;

const STRING_OR_BLANKS = /("(?:[^"\\]|\\.)*")|[\t ]+/g;

/** Removes blanks outside of quoted strings. */
const squeeze = (text: string): string =>
  text.replace(STRING_OR_BLANKS, (_, string?: string) => string ?? '');

/**
 * Parses a dictionary (RFC 9651, section 3.2). Null if it is malformed, too long, or differs from its own serialization
 * in more than blanks: duplicate members or parameters, of which one would be silently dropped, numbers with leading
 * zeros, or non-canonical base64.
 */
export function parseCanonicalDictionary(text: string): Dictionary | null {
  if (text.length > MAX_DICTIONARY_CHARS) return null;
  try {
    const dictionary = parseDictionary(text);
    return squeeze(serializeDictionary(dictionary)) === squeeze(text) ? dictionary : null;
  } catch {
    return null;
  }
}
