import { HeaderLines } from './header-lines.js';
import type { PastedRequest, Unreadable } from './pasted-request.js';
import { splitTarget } from './target.js';

const REQUEST_LINE = /^([!#$%&'*+.^_`|~0-9A-Za-z-]{1,100})[ \t]+(\S+)(?:[ \t]+HTTP\/\d(?:\.\d)?)?[ \t]*$/;
const PSEUDO = /^:(method|path|authority|scheme):?[ \t]+(.*)$/;
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** The request lines in the output of `curl -v`, without their prefix; the text itself if it is not such output. */
function unmarked(text: string): string {
  if (!/^[*>][ \t]/.test(text)) return text;
  const sent = text.split('\n').filter((line) => /^>(?: |\r?$)/.test(line));
  return sent.map((line) => line.slice(2)).join('\n');
}

const NEITHER =
  'The text starts neither with a request line, such as GET /path HTTP/1.1, nor with curl. Paste the request as it was sent.';

/** Splits at the first empty line; the rest is the body. */
function splitBody(text: string): { readonly head: string[]; readonly body: string | null } {
  const blank = /\r?\n\r?\n/.exec(text);
  const head = blank ? text.slice(0, blank.index) : text;
  return {
    head: head.split('\n').map((line) => line.replace(/\r$/, '')),
    body: blank ? text.slice(blank.index + blank[0].length) : null,
  };
}

interface Head {
  method: string | undefined;
  target: string | undefined;
  scheme: string | undefined;
  readonly headers: HeaderLines;
  readonly notes: string[];
}

function readLine(head: Head, line: string, number: number): void {
  if (line.trim() === '') return;
  const pseudo = PSEUDO.exec(line);
  if (pseudo) {
    const [, name, value] = pseudo as unknown as [string, string, string];
    if (name === 'method') head.method ??= value.trim();
    else if (name === 'path') head.target ??= value.trim();
    else if (name === 'scheme') head.scheme ??= value.trim();
    else if (name === 'authority') head.headers.addDefault('Host', value.trim());
    return;
  }
  const colon = line.indexOf(':');
  const name = colon === -1 ? '' : line.slice(0, colon);
  if (NAME.test(name)) head.headers.add(name, line.slice(colon + 1).trim());
  else head.notes.push(`Line ${number} is not a header of the form Name: value and was ignored.`);
}

/** The body of the request, without the final line break of the text if Content-Length excludes it. */
function bodyOf(text: string | null, headers: HeaderLines): Buffer | null {
  const declared = headers.first('content-length');
  if (text === null || text.trim() === '')
    return declared === undefined || declared === '0' ? Buffer.alloc(0) : null;
  const body = Buffer.from(text);
  const extra = body.length - Number(declared);
  return (extra === 1 || extra === 2) && body.subarray(-extra).toString().trim() === ''
    ? body.subarray(0, -extra)
    : body;
}

/** Maximum number of notes about single lines. */
const MAX_NOTES = 10;

/** Parses the text of an HTTP request: a request line or HTTP/2 pseudo-headers, then headers and a body. */
export function readHttpText(text: string): PastedRequest | Unreadable {
  const { head: lines, body } = splitBody(unmarked(text));
  const head: Head = {
    method: undefined,
    target: undefined,
    scheme: undefined,
    headers: new HeaderLines(),
    notes: [],
  };
  const requestLine = REQUEST_LINE.exec(lines[0]!);
  if (requestLine) [, head.method, head.target] = requestLine;
  for (const [i, line] of lines.entries()) {
    if (i > 0 || !requestLine) readLine(head, line, i + 1);
  }
  if (head.method === undefined || head.target === undefined) return { unreadable: NEITHER };
  const { scheme, host, url } = splitTarget(head.target);
  if (!url.startsWith('/')) return { unreadable: NEITHER };
  if (host !== null) head.headers.addDefault('Host', host);
  if (!head.headers.has('host')) head.notes.push('There is no Host header, so @authority has no value.');
  const extra = head.notes.length - MAX_NOTES;
  const notes =
    extra > 0 ? [...head.notes.slice(0, MAX_NOTES), `${extra} more lines were ignored.`] : head.notes;
  return {
    method: head.method,
    url,
    scheme: scheme ?? head.scheme ?? null,
    headers: head.headers.toBag(),
    body: bodyOf(body, head.headers),
    notes,
  };
}
