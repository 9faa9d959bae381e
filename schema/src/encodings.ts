/**
 * One character written in another way: a percent escape, or one that was itself escaped any number of times (`%5f`, `%255f`), a
 * character reference of HTML (`&#95;`, `&#x5f;`, `&lowbar;`), an escape of JSON or JavaScript (`\\u005f`, `\\x5f`), or a
 * character of full width.
 */
const ESCAPE =
  /%(?:25)*([0-9a-f]{2})|&#0*(\d{2,3});?|&#x0*([0-9a-f]{2});?|&(?:lowbar|underbar);|\\u00([0-9a-f]{2})|\\x([0-9a-f]{2})|[\uff01-\uff5e]/gi;
/** Without any of these signs a text holds no escape: a plain class, as nearly every text has none of them. */
const SIGN = /[%&\\\uff01-\uff5e]/;
/** Nor does it without any of this. */
const MAY_ESCAPE = /%|&(?:#|lowbar|underbar)|\\[ux]|[\uff01-\uff5e]/i;
const mayEscape = (text: string): boolean => SIGN.test(text) && MAY_ESCAPE.test(text);
const FULL_WIDTH_OFFSET = 0xfee0;
/** Rounds of decoding; only text that was made to mislead needs a second one. */
const MAX_ROUNDS = 5;

/** The character that an escape stands for. */
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

/** A reading of a text; `origins[i]` is where its character `i` came from, and there is one more for its end. */
export interface Reading {
  readonly text: string;
  readonly origins?: Uint32Array;
}

/** The reading with its escapes decoded one by one, bytes as Latin-1; broken ones stay. */
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

/** The text as it stands, then as it reads decoded again and again, each in linear time, until nothing changes. */
export function* readings(text: string): Generator<Reading> {
  let reading: Reading = { text };
  yield reading;
  for (let round = 0; round < MAX_ROUNDS && mayEscape(reading.text); round++) {
    const next = decodeOnce(reading);
    if (next.text === reading.text) return;
    yield (reading = next);
  }
}

/** Replaces one match; what `replace` gives beside the groups is left out. */
const decoded = (escape: string, ...[percent, decimal, ...more]: (string | undefined)[]): string =>
  characterOf(escape, percent, decimal, ...more.slice(0, 3));

/** Whether the pattern (without the flag g) is found in the text, encoded in whatever way or not. */
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
