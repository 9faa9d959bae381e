/** One percent escape, or one that was itself escaped any number of times (`%5f`, `%255f`, `%25255f`). */
const ESCAPE = /%(?:25)*([0-9a-f]{2})/gi;
/** Rounds of decoding; only text that was made to mislead needs a second one. */
const MAX_ROUNDS = 5;

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
    decoded += String.fromCharCode(parseInt(match[1]!, 16));
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
  for (let round = 0; round < MAX_ROUNDS && reading.text.includes('%'); round++) {
    const next = decodeOnce(reading);
    if (next.text.length === reading.text.length) return;
    yield (reading = next);
  }
}

const decodeEscape = (_: string, hex: string): string => String.fromCharCode(parseInt(hex, 16));

/** Whether the pattern (without the flag g) is found in the text, percent-encoded in whatever way or not. */
export function foundInAnyEncoding(text: string, pattern: RegExp): boolean {
  let reading = text;
  for (let round = 0; ; round++) {
    if (pattern.test(reading)) return true;
    if (round === MAX_ROUNDS || !reading.includes('%')) return false;
    const next = reading.replace(ESCAPE, decodeEscape);
    if (next.length === reading.length) return false;
    reading = next;
  }
}
