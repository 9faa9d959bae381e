import fc from 'fast-check';
import { parseDictionary, serializeDictionary } from 'structured-headers';
import { describe, expect, it } from 'vitest';
import { readSignature } from './read-signature.js';
import { isRefusal } from './signature-claim.js';
import { signatureBase } from './signature-base.js';
import { readSignatureInput } from './signature-input.js';
import type { SignedRequest } from './signed-request.js';
import {
  claimOf,
  expiryUrl,
  MINIMAL_LINES,
  NOW_MS,
  NOW_SECONDS,
  outcomeOf,
  PARAMETERS,
  plainRequest,
  rfc9421Headers,
  SECRET,
  timestampHeaders,
  withHeaders,
} from './signing.fixture.js';
import { verifySignature } from './verify-signature.js';

const NAMES = [
  'x-frame-clientid',
  'X-Client-Id',
  'x-frame-timestamp',
  'X-Timestamp',
  'X-Frame-Signature',
  'x-signature',
  'Signature-Input',
  'signature',
  'content-digest',
  'content-length',
  'host',
  '__proto__',
];

/** Almost valid inputs, and arbitrary ones. */
const nearlyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    `sig=("@method" "@path" "@query")${PARAMETERS}`,
    `sig=("@method" "@target-uri")${PARAMETERS}`,
    `sig=("@query-param";name="a" "host" "@nonsense")${PARAMETERS}`,
    `sig=:${Buffer.alloc(32).toString('base64')}:`,
    'sig=();created=@1;a=%"%ff"',
    String(NOW_SECONDS),
    'ab'.repeat(32),
    'client-1',
  ),
  fc
    .array(
      fc.constantFrom(
        'sig',
        '=',
        '(',
        ')',
        '"',
        '@',
        ';',
        ':',
        '%',
        '?',
        ',',
        ' ',
        '-',
        '1',
        '.',
        '\\',
        '@method',
      ),
    )
    .map((parts) => parts.join('')),
);
const nearlyHeaders = fc.dictionary(
  fc.constantFrom(...NAMES),
  fc.oneof(nearlyText, fc.array(nearlyText), fc.anything()),
  { noNullPrototype: false },
);
const nearlyUrl = fc.oneof(
  fc
    .array(
      fc.constantFrom(
        'AccessID',
        'Expires',
        'Signature',
        '=',
        '&',
        '?',
        '%',
        '%41',
        '+',
        ' ',
        '1',
        '#',
        '\ud800',
        '/',
      ),
    )
    .map((parts) => `/?${parts.join('')}`),
  fc.string({ unit: 'binary' }),
);

describe('a request that is signed in more than one way', () => {
  it.each([
    ['by headers and by URL', timestampHeaders(NOW_SECONDS), expiryUrl(NOW_SECONDS)],
    [
      'by headers of two profiles',
      { ...timestampHeaders(NOW_SECONDS), ...rfc9421Headers(MINIMAL_LINES) },
      '/a',
    ],
    ['by RFC 9421 and by URL', rfc9421Headers(MINIMAL_LINES), expiryUrl(NOW_SECONDS)],
    ['by RFC 9421 and half of another', { ...rfc9421Headers(MINIMAL_LINES), 'x-frame-signature': 'a' }, '/a'],
  ])('%s is ambiguous', (_, headers, url) => {
    expect(readSignature(withHeaders(headers, { url }), NOW_MS)).toMatchObject({
      refused: 'AMBIGUOUS_CREDENTIAL',
      profile: null,
      step: 'PROFILE',
    });
  });
});

const LONG_FIELDS = Array.from({ length: 32 }, (_, i) => [`"x-${i}"`, 'a b'.repeat(2000)] as const);

describe('reading a signature', () => {
  it('never throws, whatever the request contains', () => {
    fc.assert(
      fc.property(
        fc.oneof(nearlyText, fc.constantFrom('GET', null)),
        fc.oneof(nearlyUrl, fc.constantFrom(null, '/a', expiryUrl(NOW_SECONDS))),
        nearlyHeaders,
        fc.oneof(fc.double(), fc.constant(NOW_MS)),
        (method, url, headers, nowMs) => {
          const read = readSignature({ method, url, headers, scheme: 'https' }, nowMs);
          if (read && isRefusal(read)) expect(read.detail.length).toBeLessThan(300);
          if (!read || isRefusal(read)) return;
          expect(verifySignature(read, SECRET)).toBe(
            url === expiryUrl(NOW_SECONDS) && read.profile === 'EXPIRY',
          );
        },
      ),
    );
  });

  it('never throws, even on hostile objects', () => {
    const hostile = new Proxy({}, { getOwnPropertyDescriptor: () => { throw new Error('no'); } }); // prettier-ignore
    const getter = { get 'x-client-id'() { throw new Error('no'); } }; // prettier-ignore
    for (const headers of [hostile, getter]) {
      expect(outcomeOf(readSignature({ ...plainRequest(), headers }, NOW_MS))).toBe('SIGNATURE_INVALID');
    }
    fc.assert(
      fc.property(fc.anything(), fc.anything(), (request, nowMs) => {
        readSignature(request as SignedRequest, nowMs as number);
        readSignature({ method: null, url: null, headers: request } as never, nowMs as number);
        readSignature(
          { method: request, url: request, headers: rfc9421Headers(MINIMAL_LINES) } as never,
          NOW_MS,
        );
      }),
    );
  });

  it.each([
    [
      'ordinary headers',
      Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`x-${i}`, 'a'])),
      '/a?b=c',
    ],
    ['a long query', {}, `/a?${'AccessID%ff=&'.repeat(700)}`],
    ['a long input', { 'signature-input': `sig=(${'"a" '.repeat(2000)})`, signature: 'sig=:AA==:' }, '/a'],
    [
      'long strings',
      { ...rfc9421Headers(MINIMAL_LINES), 'signature-input': `sig=("${'\\"'.repeat(4000)})` },
      '/a',
    ],
    ['many labels', { 'signature-input': 'a,'.repeat(4000), signature: 'a,'.repeat(4000) }, '/a'],
    ['a long signature', { ...rfc9421Headers(MINIMAL_LINES), signature: `sig=:${'A'.repeat(8000)}:` }, '/a'],
    [
      'long names',
      { 'signature-input': `sig=(${'"@query-param";name="a" '.repeat(300)})`, signature: 'a' },
      '/a',
    ],
    [
      'long fields',
      { ...rfc9421Headers(LONG_FIELDS), ...Object.fromEntries(LONG_FIELDS.map(([, v], i) => [`x-${i}`, v])) },
      '/a',
    ],
    ['many fields', { ...rfc9421Headers(Array.from({ length: 32 }, (_, i) => [`"x-${i}"`, 'a'])) }, '/a'],
  ])('of %s takes less than a millisecond', (_, headers, url) => {
    const request = withHeaders(headers, { url });
    const times: number[] = [];
    for (let i = 0; i < 100; i++) {
      const start = performance.now();
      readSignature(request, NOW_MS);
      times.push(performance.now() - start);
    }
    // The median ignores outliers on a busy machine.
    expect(times.sort((a, b) => a - b)[20]).toBeLessThan(1);
  });
});

describe('the string to sign of RFC 9421', () => {
  const token = fc.stringMatching(/^[a-z0-9!*.~-]{1,4}$/);
  const text = fc.stringMatching(/^[ -~]{0,6}$/);
  const shape = fc.record({
    method: fc.constantFrom('GET', 'POST', 'get', 'x'),
    url: fc.stringMatching(/^\/[ab/?&=%"@: ]{0,5}$/).map((url) => url.replaceAll(' ', '+')),
    fields: fc.uniqueArray(fc.tuple(token, text), { maxLength: 2, selector: ([name]) => name }),
    nonce: fc.stringMatching(/^[ -~]{1,4}$/),
    created: fc.integer({ min: NOW_SECONDS, max: NOW_SECONDS + 1 }),
    byTarget: fc.boolean(),
    withParam: fc.boolean(),
  });

  /** The meaning of a request: only requests with the same meaning can have the same string to sign. */
  function read(
    of: typeof shape extends fc.Arbitrary<infer Shape> ? Shape : never,
  ): [meaning: string, base: string] | null {
    const names = of.fields.map(([name]) => `x-${name}`);
    const components = ['@method', ...(of.byTarget ? ['@target-uri'] : ['@path', '@query']), ...names].map(
      (name) => [name, new Map()] as [string, Map<string, string>],
    );
    if (of.withParam) components.push(['@query-param', new Map([['name', 'a']])]);
    const parameters = new Map<string, string | number>([
      ['created', of.created],
      ['nonce', of.nonce],
      ['keyid', 'key-1'],
    ]);
    const headers = {
      host: 'api.example.test',
      'signature-input': serializeDictionary(new Map([['sig', [components, parameters]]])),
      signature: `sig=:${Buffer.alloc(32).toString('base64')}:`,
      ...Object.fromEntries(of.fields.map(([name, value]) => [`x-${name}`, value])),
    };
    const result = readSignature({ method: of.method, url: of.url, headers, scheme: 'https' }, NOW_MS);
    if (!result || isRefusal(result)) return null;
    const values = of.fields.map(([, value]) => value.trim());
    const meaning = JSON.stringify([
      of.method,
      of.url,
      names,
      values,
      of.nonce,
      of.created,
      of.byTarget,
      of.withParam,
    ]);
    return [meaning, claimOf(result).signingInput.toString('latin1')];
  }

  it('differs for any two requests that differ in a covered part', () => {
    let compared = 0;
    fc.assert(
      fc.property(
        shape,
        shape,
        fc.array(fc.constantFrom('method', 'url', 'fields', 'nonce', 'created')),
        (a, b, same) => {
          const other = { ...b };
          for (const part of same) Object.assign(other, { [part]: a[part as keyof typeof a] });
          const [one, two] = [read(a), read(other)];
          if (!one || !two) return;
          compared++;
          expect(one[1] === two[1]).toBe(one[0] === two[0]);
        },
      ),
    );
    expect(compared).toBeGreaterThan(30);
  });

  it('can be parsed back into its components', () => {
    fc.assert(
      fc.property(shape, (of) => {
        const result = read(of);
        if (!result) return;
        const lines = result[1].split('\n');
        const params = lines.pop()!.replace('"@signature-params": ', '');
        const input = readSignatureInput(parseDictionary(`sig=${params}`).get('sig'));
        if (isRefusal(input)) throw new Error(input.detail);
        expect(lines.map((line) => line.slice(0, line.indexOf(': ')))).toEqual(
          input.components.map(({ identifier }) => identifier),
        );
        expect(lines[0]).toBe(`"@method": ${of.method}`);
        if (of.byTarget) expect(lines[1]).toBe(`"@target-uri": https://api.example.test${of.url}`);
      }),
    );
  });

  it('is rejected if a value would add a line', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (before, after) => {
        const injected = `${before}\n${after}`;
        const input = readSignatureInput(parseDictionary('sig=("x-a" "@method" "@path")').get('sig'));
        if (isRefusal(input)) throw new Error(input.detail);
        for (const request of [
          { method: 'GET', url: '/', headers: { 'x-a': injected } },
          { method: injected, url: '/', headers: { 'x-a': '' } },
          { method: 'GET', url: `/${injected}`, headers: { 'x-a': '' } },
        ]) {
          expect(isRefusal(signatureBase(request, input))).toBe(true);
        }
      }),
    );
  });
});
