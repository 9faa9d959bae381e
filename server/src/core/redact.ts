import type { FieldError } from './errors.js';

/** What stands in place of a credential. */
const REDACTED = '[redacted]';

/** Anything that looks like a token of any brand, whole or cut. */
const TOKEN_SHAPED = /[a-z][a-z0-9]{0,15}_(?:live|stag|dev)_[0-9A-Za-z]{8,}/gi;

/** Query members that carry credentials by habit. */
const SECRET_NAME = /^(?:x[-_]?)?(?:api[-_]?key|key|token|access[-_]?token|secret|signature|password)$/i;
const MEMBER = /[?&;]([^?&;=#\s]*)=/g;
const MEMBER_END = /[&;#\s]|$/g;

/** Without any of this there is neither a token nor a member to be found, and nearly every text is without it. */
const SUSPECT = /%|_(?:live|stag|dev)_|(?:key|token|secret|signature|password)=/i;

/** One percent escape, or one that was itself escaped any number of times (`%5f`, `%255f`, `%25255f`). */
const ESCAPE = /%(?:25)*([0-9a-f]{2})/gi;
/** Rounds of decoding; only text that was made to mislead needs a second one. */
const MAX_ROUNDS = 5;

/** A reading of a text; `origins[i]` is where its character `i` came from, and there is one more for its end. */
interface Reading {
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
function* readings(text: string): Generator<Reading> {
  let reading: Reading = { text };
  yield reading;
  for (let round = 0; round < MAX_ROUNDS && reading.text.includes('%'); round++) {
    const next = decodeOnce(reading);
    if (next.text.length === reading.text.length) return;
    yield (reading = next);
  }
}

/** Whether the pattern (without the flag g) is found in the text, percent-encoded in whatever way or not. */
export function foundInAnyEncoding(text: string, pattern: RegExp): boolean {
  for (const reading of readings(text)) if (pattern.test(reading.text)) return true;
  return false;
}

type Span = readonly [start: number, end: number];

/** Values of query members that carry credentials, by names that may be encoded. */
function* secretMembers(text: string): Generator<Span> {
  let done = 0;
  for (const member of text.matchAll(MEMBER)) {
    if (member.index < done || !foundInAnyEncoding(member[1]!, SECRET_NAME)) continue;
    const start = member.index + member[0].length;
    MEMBER_END.lastIndex = start;
    done = MEMBER_END.exec(text)!.index;
    yield [start, done];
  }
}

/** What is token-shaped in the text or in a decoded reading of it, as spans of the text itself. */
function* tokens(text: string): Generator<Span> {
  for (const reading of readings(text)) {
    const originOf = (i: number): number => reading.origins?.[i] ?? i;
    for (const { 0: token, index } of reading.text.matchAll(TOKEN_SHAPED)) {
      yield [originOf(index), originOf(index + token.length)];
    }
  }
}

/**
 * Text without anything token-shaped, percent-encoded or not, and without the values of query members that carry
 * credentials. For logs and answers.
 */
export function redact(text: string): string {
  if (!SUSPECT.test(text)) return text;
  const spans = [...secretMembers(text), ...tokens(text)].sort(([a], [b]) => a - b);
  let redacted = '';
  let done = 0;
  for (const [start, end] of spans) {
    if (start >= done) redacted += text.slice(done, start) + REDACTED;
    done = Math.max(done, end);
  }
  return redacted + text.slice(done);
}

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
