import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PastedRequest } from './pasted-request.js';
import { readPasted } from './read-pasted.js';

/** The parsed request; fails the test if there is none. */
function read(text: string): PastedRequest {
  const request = readPasted(text);
  if ('unreadable' in request) throw new Error(request.unreadable);
  return request;
}

/** CPU time of parsing a text: the minimum of three runs, to exclude other load on the machine. */
const cpuMsOf = (text: string): number =>
  Math.min(
    ...[1, 2, 3].map(() => {
      const before = process.cpuUsage();
      readPasted(text);
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1000;
    }),
  );

const HOST = 'api.example.test';

describe('a curl command', () => {
  it.each<[string, string, Partial<PastedRequest>]>([
    ['plain', `curl https://${HOST}/a?b=1`, { method: 'GET', url: '/a?b=1' }],
    ['a prompt before it', `$ curl https://${HOST}/a`, { url: '/a' }],
    ['a fragment, which is not sent', `curl 'https://${HOST}/a#b?c'`, { url: '/a' }],
    ['no path', `curl https://${HOST}`, { url: '/' }],
    ['a query without a path', `curl https://${HOST}?a=1`, { url: '/?a=1' }],
    ['no scheme', `curl ${HOST}/a`, { scheme: 'http', url: '/a' }],
    ['a user', `curl https://me:pw@${HOST}:443/a`, { url: '/a' }],
    ['a method', `curl -X PUT https://${HOST}/a`, { method: 'PUT', scheme: 'https' }],
    ['a method in one word', `curl -sXPUT https://${HOST}/a`, { method: 'PUT' }],
    ['only the head', `curl -I https://${HOST}/a`, { method: 'HEAD' }],
    [
      'data',
      `curl https://${HOST}/a -d x=1 --data-raw 'y=@2'`,
      { method: 'POST', body: Buffer.from('x=1&y=@2') },
    ],
    [
      'data in the query',
      `curl -G https://${HOST}/a?b=1 -d x=1 --data-urlencode 'y=a b'`,
      { method: 'GET', url: '/a?b=1&x=1&y=a+b' },
    ],
    ['another address by its option', `curl --url https://${HOST}/a`, { url: '/a' }],
    [
      'options that take a value',
      `curl --max-time 5 -o out.txt -w '%{http_code}' https://${HOST}/a`,
      { url: '/a' },
    ],
    ['continued lines', `curl \\\n  https://${HOST}/a \\\r\n  -X DELETE`, { method: 'DELETE', url: '/a' }],
    ['a pipe after it', `curl https://${HOST}/a | jq -X .`, { method: 'GET' }],
    [
      'a quote in a quote',
      `curl https://${HOST}/a --data-raw $'it\\'s\\u0021\\n'`,
      { body: Buffer.from("it's!\n") },
    ],
    [
      'escapes in double quotes',
      `curl https://${HOST}/a -d "{\\"a\\": \\"b\\\\c\\"}"`,
      { body: Buffer.from('{"a": "b\\c"}') },
    ],
    [
      'carets, as Windows has them',
      `curl.exe ^"https://${HOST}/a?b=1^&c=2^" ^\r\n  -X POST ^\r\n  --data-raw ^"^{^\\^"a^\\^":1^}^"`,
      { method: 'POST', url: '/a?b=1&c=2', body: Buffer.from('{"a":1}') },
    ],
    ['older carets', `curl "https://${HOST}/a" ^\n  -X POST`, { method: 'POST', url: '/a' }],
  ])('is read with %s', (_, command, expected) => {
    const request = read(command);
    expect(request).toMatchObject(expected);
    expect(request.headers['host']).toEqual([HOST]);
  });

  it('has its own headers and those that curl adds', () => {
    const { headers } = read(
      `curl 'https://${HOST}/a' -H 'X-A: 1' --header "X-B:2" -H 'Empty;' -H 'Accept:' -b 'c=d' -A me -d 'x'`,
    );
    expect(headers).toEqual({
      'x-a': ['1'],
      'x-b': ['2'],
      empty: [''],
      cookie: ['c=d'],
      'user-agent': ['me'],
      host: [HOST],
      'content-type': ['application/x-www-form-urlencoded'],
      'content-length': ['1'],
    });
  });

  it.each<[string, RegExp]>([
    [`curl -H "X-Timestamp: $NOW" https://${HOST}/`, /shell variable/],
    [`curl -H "X-Timestamp: $(date +%s)" https://${HOST}/`, /shell variable/],
    ['curl -H "X-Timestamp: `date`" https://a/', /shell variable/],
    [`curl https://${HOST}/?a=1&b=2`, /outside of quotes ends the command/],
    [`curl https://${HOST}/ -d @file`, /body is in a file/],
    [`curl https://${HOST}/ -F a=@file`, /form or a file/],
    [`curl https://${HOST}/ -u me:pw`, /user of -u/],
    [`curl 'https://${HOST}/ -X POST`, /not closed/],
    [`curl https://${HOST}/a/../b`, /resolves/],
  ])('notes what it does not know: %s', (command, note) => {
    expect(read(command).notes.join(' ')).toMatch(note);
  });
});

describe('the text of a request', () => {
  it.each<[string, string, Partial<PastedRequest>]>([
    [
      'HTTP/1.1',
      `GET /a?b=1 HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`,
      { method: 'GET', url: '/a?b=1', body: Buffer.alloc(0) },
    ],
    ['without a version', `GET /a\nhost: ${HOST}`, { method: 'GET', url: '/a', scheme: null }],
    ['an absolute address', `GET https://${HOST}:443/a HTTP/1.1\n\n`, { url: '/a' }],
    ['a body', `POST /a HTTP/1.1\nhost: ${HOST}\n\n{"a":1}\n\nb`, { body: Buffer.from('{"a":1}\n\nb') }],
    [
      'a body with a line break too many',
      `POST /a HTTP/1.1\nhost: ${HOST}\ncontent-length: 2\n\n{}\n`,
      { body: Buffer.from('{}') },
    ],
    ['no body', `POST /a HTTP/1.1\nhost: ${HOST}\ncontent-length: 2\n\n`, { body: null }],
    [
      'the pseudo-headers of HTTP/2',
      `:method: GET\n:path: /a\n:scheme: https\n:authority: ${HOST}\nx-a: 1`,
      { scheme: 'https', method: 'GET', url: '/a' },
    ],
    [
      'the output of curl -v',
      `* Connected\n> GET /a HTTP/1.1\n> Host: ${HOST}\n>\n< HTTP/1.1 200 OK\n< x: y`,
      { method: 'GET', url: '/a' },
    ],
  ])('is read as %s', (_, text, expected) => {
    const request = read(text);
    expect(request).toMatchObject(expected);
    const host = Object.entries(request.headers).find(([name]) => name.toLowerCase() === 'host');
    expect(host?.[1]).toEqual([HOST]);
  });

  it('keeps every value of a repeated header', () => {
    expect(read('GET / HTTP/1.1\nX-A: 1\nx-a:  2 \n').headers['x-a']).toEqual(['1', '2']);
  });

  it('names the lines that are not headers', () => {
    expect(read('GET / HTTP/1.1\nhost: a\nnot a header\n').notes).toEqual([
      'Line 3 is not a header of the form Name: value and was ignored.',
    ]);
    expect(read(`GET / HTTP/1.1\nhost: a\n${'x\n'.repeat(9999)}`).notes).toHaveLength(11);
  });
});

describe('any other text', () => {
  it.each<[string, RegExp]>([
    ['', /Paste a request/],
    [' \n ', /Paste a request/],
    ['hello', /neither with a request line/],
    ['{"a":1}', /neither with a request line/],
    ['GET example', /neither with a request line/],
    ['curl -s ', /no URL/],
    ['curl ftp://a/', /http or https/],
    ['fetch("https://a/")', /Copy as cURL/],
    ['Invoke-WebRequest -Uri "https://a/"', /Copy as cURL/],
    [`GET / HTTP/1.1\n${'a'.repeat(65_536)}`, /longer than 64 KB/],
  ])('is rejected with a hint: %j', (text, hint) => {
    expect(readPasted(text)).toMatchObject({ unreadable: expect.stringMatching(hint) });
  });

  it('never throws, and is read only once', () => {
    const word = fc.constantFrom(
      '-d',
      '-H',
      '-X',
      '-G',
      '--json',
      "'",
      '"',
      '$',
      "$'",
      '\\',
      '^',
      '\n',
      ':',
      '@',
      '%',
      'a',
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(word, { maxLength: 40 }).map((words) => words.join(' ')),
      fc.array(word, { maxLength: 40 }).map((words) => words.join('')),
    );
    fc.assert(
      fc.property(
        text,
        fc.constantFrom('', 'curl ', 'curl https://a/ ', 'GET / HTTP/1.1\n', '> GET / '),
        (rest, start) => {
          const request = readPasted(start + rest);
          if ('unreadable' in request) return;
          expect(request.url).toMatch(/./);
          for (const values of Object.values(request.headers)) expect(values.length).toBeGreaterThan(0);
        },
      ),
    );
  });

  it.each([
    '\\',
    "'",
    '"',
    '$',
    '^',
    '`',
    ' ',
    '\n',
    '-',
    'a:',
    '> ',
    '\\"',
    "$'\\x",
    '-H ',
    "-d '@' ",
    ':',
    '\t',
    '*',
  ])('takes linear time: %j', (unit) => {
    for (const start of [
      'curl ',
      'curl https://a/ ',
      'curl ^"',
      'GET / HTTP/1.1\nx:',
      'GET ',
      '> GET / HTTP/1.1\n> x:',
    ]) {
      const text = (length: number): string =>
        `${start}${unit.repeat(Math.floor((length - start.length - 1) / unit.length))}x`;
      // Quadratic time would be a thousand times longer.
      expect(cpuMsOf(text(65_536))).toBeLessThan(40 * cpuMsOf(text(2048)) + 100);
    }
  });
});
