/**
 * One encoded character: a percent escape, itself escaped any number of times (`%5f`, `%255f`), an HTML character reference
 * (`&#95;`, `&#x5f;`, `&lowbar;`), a JSON or JavaScript escape (`\\u005f`, `\\x5f`), or a full-width character.
 */
const ESCAPE =
  /%(?:25)*([0-9a-f]{2})|&#0*(\d{2,3});?|&#x0*([0-9a-f]{2});?|&(?:lowbar|underbar);|\\u00([0-9a-f]{2})|\\x([0-9a-f]{2})|[\uff01-\uff5e]/gi;
/** A cheap first test: text without any of these characters holds no escape, and most text has none. */
const ESCAPE_CHARACTER = /[%&\\\uff01-\uff5e]/;
/** A stricter second test: text without any match holds no escape. */
const MAY_ESCAPE = /%|&(?:#|lowbar|underbar)|\\[ux]|[\uff01-\uff5e]/i;
const mayEscape = (text: string): boolean => ESCAPE_CHARACTER.test(text) && MAY_ESCAPE.test(text);
const FULL_WIDTH_OFFSET = 0xfee0;
/** Decoding rounds; only deliberately obfuscated text needs more than one. */
const MAX_ROUNDS = 5;

/** The character that an escape encodes. */
function characterOf(
  escape: string,
  percent: string | undefined,
  decimal: string | undefined,
  ...hexadecimal: (string | undefined)[]
): string {
  if (decimal !== undefined) return String.fromCharCode(Number(decimal));
  const hex = percent ?? hexadecimal.find((each) => each !== undefined);
  if (hex !== undefined) return String.fromCharCode(parseInt(hex, 16));
  return escape.length === 1 ? String.fromCharCode(escape.charCodeAt(0) - FULL_WIDTH_OFFSET) : '_';
}

/** One decoding of a text; `origins[i]` is the original index of character `i`, with one more entry for the end. */
export interface Reading {
  readonly text: string;
  readonly origins?: Uint32Array;
}

/** Decodes each escape once, bytes as Latin-1; malformed escapes are kept. */
function decodeOnce({ text, origins }: Reading): Reading {
  const decodedOrigins = new Uint32Array(text.length + 1);
  let decoded = '';
  let from = 0;
  const keep = (end: number): void => {
    for (let i = from; i < end; i++) decodedOrigins[decoded.length + i - from] = origins?.[i] ?? i;
    decoded += text.slice(from, end);
  };
  for (const match of text.matchAll(ESCAPE)) {
    keep(match.index);
    decodedOrigins[decoded.length] = origins?.[match.index] ?? match.index;
    decoded += characterOf(match[0], match[1], match[2], match[3], match[4], match[5]);
    from = match.index + match[0].length;
  }
  keep(text.length);
  decodedOrigins[decoded.length] = origins?.[text.length] ?? text.length;
  return { text: decoded, origins: decodedOrigins };
}

/** The text unchanged, then decoded repeatedly until nothing changes; each round takes linear time. */
export function* readings(text: string): Generator<Reading> {
  let reading: Reading = { text };
  yield reading;
  for (let round = 0; round < MAX_ROUNDS && mayEscape(reading.text); round++) {
    const next = decodeOnce(reading);
    if (next.text === reading.text) return;
    yield (reading = next);
  }
}

/** Replacer for one match; ignores the arguments that `replace` passes after the groups. */
const decoded = (escape: string, ...[percent, decimal, ...more]: (string | undefined)[]): string =>
  characterOf(escape, percent, decimal, ...more.slice(0, 3));

/** Whether the pattern (without the g flag) matches the text, encoded or not. */
export function foundInAnyEncoding(text: string, pattern: RegExp): boolean {
  let reading = text;
  for (let round = 0; ; round++) {
    if (pattern.test(reading)) return true;
    if (round === MAX_ROUNDS || !mayEscape(reading)) return false;
    const next = reading.replace(ESCAPE, decoded);
    if (next === reading) return false;
    reading = next;
  }
}
