/** The target of a request, parsed in the only way in which every server behind the gateway must parse it. */
export interface RequestPath {
  /** Decoded once; none for `/`. A trailing slash makes no difference. */
  readonly segments: readonly string[];
  /** What follows the first `?`, as it was sent; empty without one. */
  readonly query: string;
}

/** Why a target is rejected, as a sentence that does not repeat any of it. */
export interface RefusedPath {
  readonly refused: string;
}

const MAX_TARGET_BYTES = 8192;

const VISIBLE_ASCII = /^[\x21-\x7e]*$/;
const BROKEN_ESCAPE = /%(?![0-9a-f]{2})/i;
const ESCAPE = /%[0-9a-f]{2}/i;
const HIDDEN_SEPARATOR = /[/\\;]/;
const CONTROL = /\p{Cc}/u;
const BLANK_AT_AN_END = /^\s|\s$/;

const refuse = (refused: string): RefusedPath => ({ refused });

/** A segment as every server reads it, or why servers may disagree about it. */
function readSegment(raw: string): string | RefusedPath {
  let segment: string;
  try {
    segment = decodeURIComponent(raw);
  } catch {
    return refuse('The path contains percent-encoding that is not UTF-8.');
  }
  if (segment === '.' || segment === '..') return refuse('The path contains a "." or ".." segment.');
  if (ESCAPE.test(segment)) return refuse('The path is percent-encoded twice.');
  if (HIDDEN_SEPARATOR.test(segment))
    return refuse('The path contains an encoded slash, backslash or semicolon.');
  if (CONTROL.test(segment)) return refuse('The path contains an encoded control character.');
  if (BLANK_AT_AN_END.test(segment)) return refuse('A segment of the path starts or ends with a space.');
  return segment;
}

/**
 * Reads the original target of a request (origin-form, RFC 9112), as a gateway reports it. Servers disagree about dot
 * segments, double slashes, encoded separators and so on; anything that two of them could take for different
 * paths is rejected, so that no rule is decided for one path while another one is served. The query is checked only
 * for its characters, since no rule depends on it.
 */
export function readRequestPath(target: string): RequestPath | RefusedPath {
  if (target.length > MAX_TARGET_BYTES) return refuse(`The target is longer than ${MAX_TARGET_BYTES} bytes.`);
  if (!target.startsWith('/')) return refuse('The target does not start with a slash.');
  if (!VISIBLE_ASCII.test(target)) {
    return refuse('The target contains a space, a control character or a non-ASCII character.');
  }
  if (target.includes('#')) return refuse('The target contains a fragment.');
  const mark = target.indexOf('?');
  const path = mark < 0 ? target : target.slice(0, mark);
  if (path.includes('//')) return refuse('The path contains two slashes in a row.');
  if (path.includes('\\')) return refuse('The path contains a backslash.');
  if (path.includes(';')) return refuse('The path contains parameters after a semicolon.');
  if (BROKEN_ESCAPE.test(path)) return refuse('The path contains a percent sign that encodes nothing.');
  const segments: string[] = [];
  for (const raw of path.slice(1, path.endsWith('/') ? -1 : undefined).split('/')) {
    if (raw === '') continue;
    const segment = readSegment(raw);
    if (typeof segment !== 'string') return segment;
    segments.push(segment);
  }
  return { segments, query: mark < 0 ? '' : target.slice(mark + 1) };
}
