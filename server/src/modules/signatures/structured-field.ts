import { parseDictionary, serializeDictionary, type Dictionary } from 'structured-headers';

/** Longest text of a dictionary, in characters: several times what a signature needs. */
const LONGEST_DICTIONARY = 4096;

const STRING_OR_BLANKS = /("(?:[^"\\]|\\.)*")|[\t ]+/g;

/** The text without blanks, but for those inside quoted strings. */
const squeeze = (text: string): string =>
  text.replace(STRING_OR_BLANKS, (_, string?: string) => string ?? '');

/**
 * Reads a dictionary (RFC 9651, section 3.2). Null when it is none, too long, or written otherwise than its own serialisation in more
 * than blanks: members or parameters given twice, of which one would be silently dropped, numbers with leading zeros,
 * bytes in loose base64.
 */
export function parseCanonicalDictionary(text: string): Dictionary | null {
  if (text.length > LONGEST_DICTIONARY) return null;
  try {
    const dictionary = parseDictionary(text);
    return squeeze(serializeDictionary(dictionary)) === squeeze(text) ? dictionary : null;
  } catch {
    return null;
  }
}
