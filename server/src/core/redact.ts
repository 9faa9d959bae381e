import { readings } from '@keywright/schema/encodings';
import type { FieldError } from './errors.js';
import { withoutConfusing } from './text.js';

/** Replaces a credential. */
const REDACTED = '[redacted]';

/** Matches tokens with any brand prefix, complete or truncated. */
const TOKEN_SHAPED = /[a-z][a-z0-9]{0,15}_(?:live|stag|dev)_[0-9A-Za-z]{8,}/gi;

const SECRET_WORD =
  '(?:key|token|secret|signature|sig|password|passwd|passphrase|pwd|pass|credentials?|jwt|assertion|authorization)';
/** Names of fields that usually carry credentials: a long word after anything, a short one alone or after a common prefix. */
const SECRET_NAME = new RegExp(
  `^(?:.*(?:password|passwd|passphrase|secret|credentials?)|(?:.*[-_.[\\]])?(?:api|access|secret|secretaccess|client|refresh|private|shared|signing|session|id|auth|user|bearer|new|old)?${SECRET_WORD})\\]?$`,
  'i',
);
const MEMBER = /(?<=^|[?&;=#/\s"'(,{])([^?&;=#/\s"'(,{]*)=/g;
const MEMBER_END = /[&;#\s]|$/g;
/** A field of JSON, also of JSON inside a JSON string, and its value, which may contain fields again. */
const JSON_MEMBER =
  /["']([^"'\\\s:,{}]{1,100})\\{0,7}["'][\s+]{0,8}:[\s+]{0,8}(?=(\\{1,7}["'][^"'\\]*|"(?:[^"\\]|\\[^])*"?|'(?:[^'\\]|\\[^])*'?|[^\s,}\]&"']*))/g;

/** A text that does not match contains neither a token nor a secret field; almost no text matches. */
const SUSPECT = new RegExp(
  `%|&(?:#|lowbar|underbar)|\\\\[ux]|[\uff01-\uff5e]|_(?:live|stag|dev)_|${SECRET_WORD}\\]?(?:=|\\\\{0,7}["'])`,
  'i',
);

type Span = readonly [start: number, end: number];

/** Values of fields that carry credentials, in queries and in JSON, encoded or not, as spans of the original text. */
function* secretMembers(text: string): Generator<Span> {
  for (const reading of readings(text)) {
    const originOf = (i: number): number => reading.origins?.[i] ?? i;
    let done = 0;
    for (const { 0: member, 1: name, index } of reading.text.matchAll(MEMBER)) {
      const start = originOf(index + member.length);
      if (start < done || !SECRET_NAME.test(name!)) continue;
      MEMBER_END.lastIndex = start;
      done = MEMBER_END.exec(text)!.index;
      yield [start, done];
    }
    for (const { 0: member, 1: name, 2: value, index } of reading.text.matchAll(JSON_MEMBER)) {
      const start = index + member.length;
      if (SECRET_NAME.test(name!)) yield [originOf(start), originOf(start + value!.length)];
    }
  }
}

/** Token-shaped parts of the text or of a decoded reading of it, as spans of the original text. */
function* tokens(text: string): Generator<Span> {
  for (const reading of readings(text)) {
    const originOf = (i: number): number => reading.origins?.[i] ?? i;
    for (const { 0: token, index } of reading.text.matchAll(TOKEN_SHAPED)) {
      yield [originOf(index), originOf(index + token.length)];
    }
  }
}

/**
 * Replaces everything token-shaped, percent-encoded or not, and the values of query and JSON fields that carry credentials.
 * For logs and answers.
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

/** Invalid fields without secrets: a caller may have put a credential in the wrong place. */
export const redactFields = (fields: readonly FieldError[]): FieldError[] =>
  fields.map(({ path, message }) => ({ path: redact(path), message: redact(message) }));

const PLAIN_ASCII = /^[\x20-\x7e]*$/;

/** A log line: redacted, without control, invisible and reordering characters and lone surrogates, at most `maxLength` long; null stays null. */
export function logLine(text: string | null | undefined, maxLength: number): string | null {
  if (text == null) return null;
  // Slightly longer than the result, so that a token that crosses the limit is still recognized.
  const start = text.slice(0, maxLength + 100).toWellFormed();
  return redact(PLAIN_ASCII.test(start) ? start : withoutConfusing(start))
    .slice(0, maxLength)
    .toWellFormed();
}
