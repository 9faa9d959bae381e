import { looksLikeCmd, splitCmd } from './cmd-words.js';
import { optionsOf } from './curl-options.js';
import { HeaderLines } from './header-lines.js';
import type { PastedRequest, Unreadable } from './pasted-request.js';
import { splitShell } from './shell-words.js';
import { splitTarget } from './target.js';

const FORM = 'application/x-www-form-urlencoded';

/** Collects what the options of a curl command say about the request. */
class CurlRequest {
  readonly headers = new HeaderLines();
  readonly notes: string[] = [];
  private readonly removed = new Set<string>();
  /** Headers that are sent unless -H sets or removes them. */
  private readonly defaults: [string, string][] = [];
  private readonly data: string[] = [];
  private readonly query: string[] = [];
  private url: string | undefined;
  private target: string | undefined;
  private method: string | undefined;
  private implied: string | undefined;
  private dataInQuery = false;
  private json = false;
  private bodyUnknown = false;

  option(name: string | null, value: string): void {
    switch (name) {
      case null:
      case 'url':
        if (this.url === undefined) this.url = value;
        else this.note('Only the first URL of the command was read.');
        return;
      case 'request':
        this.method = value;
        return;
      case 'request-target':
        this.target = value;
        return;
      case 'head':
        this.implied = 'HEAD';
        return;
      case 'get':
        this.dataInQuery = true;
        return;
      case 'header':
        this.header(value);
        return;
      case 'user-agent':
        this.defaults.push(['User-Agent', value]);
        return;
      case 'referer':
        this.defaults.push(['Referer', value.replace(/;auto$/, '')]);
        return;
      case 'range':
        this.defaults.push(['Range', `bytes=${value}`]);
        return;
      case 'cookie':
        if (value.includes('=')) this.defaults.push(['Cookie', value]);
        else this.note('Cookies are read from a file, which is not in the text.');
        return;
      case 'user':
        this.note('The user of -u was ignored; it is not part of a signature.');
        return;
      case 'config':
        this.note('Options are read from a file, which is not in the text.');
        return;
      default:
        this.content(name, value);
    }
  }

  private content(name: string, value: string): void {
    switch (name) {
      case 'json':
        this.json = true;
        return this.addData(value, value.startsWith('@'));
      case 'data':
      case 'data-ascii':
      case 'data-binary':
        return this.addData(value, value.startsWith('@'));
      case 'data-raw':
        return this.addData(value, false);
      case 'data-urlencode':
        return this.addData(encodeData(value), /^[^=]*@/.test(value));
      case 'url-query':
        if (value.startsWith('@')) this.note('Part of the query is in a file, which is not in the text.');
        else this.query.push(value.startsWith('+') ? value.slice(1) : encodeData(value));
        return;
      case 'form':
      case 'form-string':
      case 'upload-file':
        this.implied ??= name === 'upload-file' ? 'PUT' : 'POST';
        this.bodyUnknown = true;
        return this.note('The body is a form or a file, which was not read: its digest is not compared.');
    }
  }

  private note(text: string): void {
    if (!this.notes.includes(text)) this.notes.push(text);
  }

  private addData(text: string, fromFile: boolean): void {
    if (!fromFile) {
      this.data.push(text);
      return;
    }
    this.bodyUnknown = true;
    this.note('The body is in a file, which is not in the text: its digest is not compared.');
  }

  private header(line: string): void {
    if (line.startsWith('@')) return this.note('Headers are read from a file, which is not in the text.');
    const colon = line.indexOf(':', 1);
    const value = colon === -1 ? '' : line.slice(colon + 1).trim();
    if (colon === -1 && line.endsWith(';')) return this.headers.add(line.slice(0, -1), '');
    if (colon === -1) return this.note('A header without a colon was ignored, as curl does.');
    const name = line.slice(0, colon);
    if (value === '') this.removed.add(name.toLowerCase());
    else if (name === ':authority') this.headers.addDefault('Host', value);
    else if (!name.startsWith(':')) this.headers.add(name, value);
  }

  /** The request that curl would send, including the headers that it adds. */
  finish(): PastedRequest | Unreadable {
    const { url: given } = this;
    if (given === undefined) return { unreadable: 'The curl command has no URL.' };
    const hasScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(given);
    if (hasScheme && !/^https?:/i.test(given)) return { unreadable: 'The URL must be http or https.' };
    const { scheme, host, url } = splitTarget(hasScheme ? given : `http://${given}`);
    if (host === null || host === '') return { unreadable: 'The URL of the curl command has no host.' };
    if (/\/\.{1,2}(?:[/?]|$)/.test(url.split('?', 1)[0]!)) {
      this.note(
        'curl resolves /./ and /../ in the path before it sends it; here the path is used as written.',
      );
    }

    const hasBody = (this.data.length > 0 || this.bodyUnknown) && !this.dataInQuery;
    const body = this.bodyUnknown ? null : Buffer.from(hasBody ? this.data.join(this.json ? '' : '&') : '');
    this.addDefaults(host, hasBody, body);
    const query = [...this.query, ...(this.dataInQuery ? this.data : [])];
    return {
      method: this.method ?? this.implied ?? (hasBody ? 'POST' : 'GET'),
      url: this.target ?? withQuery(url, query),
      scheme,
      headers: this.headers.toBag(),
      body,
      notes: this.notes,
    };
  }

  private addDefaults(host: string, hasBody: boolean, body: Buffer | null): void {
    const { defaults } = this;
    defaults.push(['Host', host], ['Accept', this.json ? 'application/json' : '*/*']);
    if (hasBody && body) {
      defaults.push(['Content-Type', this.json ? 'application/json' : FORM]);
      if (!this.headers.has('transfer-encoding')) defaults.push(['Content-Length', String(body.length)]);
    }
    for (const [name, value] of defaults) {
      if (!this.removed.has(name.toLowerCase())) this.headers.addDefault(name, value);
    }
  }
}

/** The effect of `--data-urlencode`: `name=content` keeps its name; content that begins with `=` has none. */
function encodeData(value: string): string {
  const equals = value.indexOf('=');
  const name = equals > 0 ? `${value.slice(0, equals)}=` : '';
  const content = equals === -1 ? value : value.slice(equals + 1);
  return (
    name +
    encodeURIComponent(content.toWellFormed())
      .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
      .replaceAll('%20', '+')
  );
}

function withQuery(url: string, members: readonly string[]): string {
  if (members.length === 0) return url;
  return `${url}${url.includes('?') ? '&' : '?'}${members.join('&')}`;
}

/** Parses the options of a curl command, without the word `curl` itself. */
export function readCurl(text: string): PastedRequest | Unreadable {
  const { words, notes } = looksLikeCmd(text) ? splitCmd(text) : splitShell(text);
  const request = new CurlRequest();
  request.notes.push(...notes);
  for (const { name, value } of optionsOf(words)) request.option(name, value);
  return request.finish();
}
