import { createHash, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contentOf, judgeBody } from '../received-content.js';
import { readSignature } from '../read-signature.js';
import { isRefusal } from '../signature-claim.js';
import type { SignedRequest } from '../signed-request.js';
import {
  expirySignature,
  expiryUrl,
  MINIMAL_LINES,
  NOW_MS,
  NOW_SECONDS,
  PARAMETERS,
  rfc9421Headers,
  SECRET,
  timestampHeaders,
  withHeaders,
} from '../signing.fixture.js';
import { verifySignature } from '../verify-signature.js';
import { explainSignature, type SigningKey } from './explain-signature.js';

const key = (id: string, overrides: Partial<SigningKey> = {}): SigningKey => ({
  id,
  secret: Buffer.from(SECRET),
  previous: null,
  profiles: ['TIMESTAMP', 'EXPIRY', 'RFC9421'],
  ...overrides,
});
const CLIENT = key('client-1');
const ACCESS = key('access-1');
const MESSAGE = key('key-1');

const explain = (request: SignedRequest, of: SigningKey, body = '', nowMs = NOW_MS) =>
  explainSignature(request, Buffer.from(body), nowMs, of);

/** The first failed step with its detail; undefined if none failed. */
function fault(request: SignedRequest, of: SigningKey, body = ''): string | undefined {
  const failed = explain(request, of, body).steps.find(({ outcome }) => outcome === 'FAILED');
  return failed && `${failed.name}: ${failed.detail}`;
}

const hmac = (text: string, secret: string | Buffer = SECRET, hash = 'sha256'): Buffer =>
  createHmac(hash, secret).update(text).digest();
const byTimestamp = (signature: string, timestamp = String(NOW_SECONDS), id = 'client-1'): SignedRequest =>
  withHeaders({ 'x-client-id': id, 'x-timestamp': timestamp, 'x-signature': signature });
const byExpiry = (signature: string, expires = NOW_SECONDS + 20): SignedRequest =>
  withHeaders({}, { url: `/feeds?AccessID=access-1&Expires=${expires}&Signature=${signature}` });
const at = `${NOW_SECONDS}`;
const soon = NOW_SECONDS + 20;

describe('a correctly signed request', () => {
  it.each([
    ['timestamp', withHeaders(timestampHeaders(NOW_SECONDS)), CLIENT, `${NOW_SECONDS}client-1`],
    ['expiry', withHeaders({}, { url: expiryUrl(soon) }), ACCESS, `access-1\n${soon}`],
    [
      'RFC 9421',
      withHeaders(rfc9421Headers(MINIMAL_LINES)),
      MESSAGE,
      `"@method": GET\n"@path": /crm/customers\n"@query": ?page=2\n"@signature-params": ("@method" "@path" "@query")${PARAMETERS}`,
    ],
  ])('passes every step and shows its string to sign: %s', (_, request, of, stringToSign) => {
    const explanation = explain(request, of);
    expect(explanation).toMatchObject({ refused: null, stringToSign });
    expect(explanation.steps.map(({ outcome }) => outcome)).not.toContain('FAILED');
    expect(explanation.steps.map(({ outcome }) => outcome)).not.toContain('NOT_REACHED');
  });

  it('passes with the previous secret while that works, and the explanation says so', () => {
    const previous = { secret: Buffer.from('kws_before'), endsAtMs: NOW_MS + 1 };
    const request = byTimestamp(hmac(`${at}client-1`, 'kws_before').toString('hex'));
    expect(fault(request, key('client-1', { previous }))).toBeUndefined();
    expect(JSON.stringify(explain(request, key('client-1', { previous })).steps)).toMatch(/previous secret/);
    const ended = key('client-1', { previous: { ...previous, endsAtMs: NOW_MS } });
    expect(fault(request, ended)).toMatch(
      /^SIGNATURE: .*previous secret, which worked until 2023-11-14T22:13:20Z/,
    );
  });

  it.each(['+', '%2B', '%20'])('passes with the plus sign written as %s', (plus) => {
    const expires = Array.from({ length: 200 }, (_, i) => soon + i).find((one) =>
      expirySignature('access-1', one).includes('+'),
    )!;
    const written = expirySignature('access-1', expires).replaceAll('+', plus);
    expect(fault(byExpiry(written, expires), ACCESS)).toBeUndefined();
  });
});

describe('names a likely mistake:', () => {
  const hex = (text: string, secret?: string | Buffer) => hmac(text, secret).toString('hex');
  const right = `${at}client-1`;

  it.each<[string, SignedRequest, SigningKey, RegExp]>([
    [
      'the wrong order',
      byTimestamp(hex(`client-1${at}`)),
      CLIENT,
      /^SIGNATURE: .*Access ID was signed before/,
    ],
    [
      'something between',
      byTimestamp(hex(`${at}\nclient-1`)),
      CLIENT,
      /^SIGNATURE: .*a line feed was signed/,
    ],
    [
      'a line break after',
      byTimestamp(hex(`${right}\n`)),
      CLIENT,
      /^SIGNATURE: .*line break was signed at the end/,
    ],
    [
      'a line break in the secret',
      byTimestamp(hex(right, `${SECRET}\n`)),
      CLIENT,
      /secret was used with a line break/,
    ],
    ['quotes', byTimestamp(hex(right, `"${SECRET}"`)), CLIENT, /secret was used with quotes/],
    ['a truncated secret', byTimestamp(hex(right, SECRET.slice(4))), CLIENT, /without kws_/],
    ['a decoded secret', byTimestamp(hex(right, Buffer.from(SECRET, 'base64'))), CLIENT, /decoded as base64/],
    ['the id as secret', byTimestamp(hex(right, 'client-1')), CLIENT, /Key ID was used as the secret/],
    ['swapped arguments', byTimestamp(hex(SECRET, right)), CLIENT, /swapped/],
    ['another secret', byTimestamp(hex(right, 'kws_other')), CLIENT, /^SIGNATURE: .*uses a different secret/],
    [
      'base64 for hex',
      byTimestamp(hmac(right).toString('base64')),
      CLIENT,
      /^SHAPE: .*looks like base64,.*Otherwise/,
    ],
    ['base64 of hex', byTimestamp(btoa(hex(right))), CLIENT, /^SHAPE: .*base64 of hexadecimal.*Otherwise/],
    ['a prefix', byTimestamp(`sha256=${hex(right)}`), CLIENT, /^SHAPE: .*hexadecimal digits.*Otherwise/],
    [
      'SHA-1',
      byTimestamp(hmac(right, SECRET, 'sha1').toString('hex')),
      CLIENT,
      /^SHAPE: .*HMAC-SHA1;.*Otherwise/,
    ],
    [
      'SHA-256',
      byExpiry(encodeURIComponent(hmac(`access-1\n${soon}`).toString('base64'))),
      ACCESS,
      /^SHAPE: .*HMAC-SHA256;.*Otherwise/,
    ],
    ['SHA-512', byTimestamp(hmac(right, SECRET, 'sha512').toString('hex')), CLIENT, /^SHAPE: .*HMAC-SHA512;/],
    [
      'hex of the expiry',
      byExpiry(Buffer.from(expirySignature('access-1', soon), 'base64').toString('hex')),
      ACCESS,
      /^SHAPE: .*looks like hexadecimal digits/,
    ],
    [
      'encoded twice',
      byExpiry(encodeURIComponent(encodeURIComponent(expirySignature('access-1', soon)))),
      ACCESS,
      /^SHAPE: .*one time too many/,
    ],
    [
      'uppercase',
      byExpiry(encodeURIComponent(expirySignature('access-1', soon).toUpperCase())),
      ACCESS,
      /letters are upper case/,
    ],
    [
      'backslash n',
      byExpiry(encodeURIComponent(hmac(`access-1\\n${soon}`, SECRET, 'sha1').toString('base64'))),
      ACCESS,
      /a backslash and an n/,
    ],
    ['milliseconds', withHeaders(timestampHeaders(NOW_MS)), CLIENT, /^TIME: .*in milliseconds/],
    ['an old one', withHeaders(timestampHeaders(NOW_SECONDS - 412)), CLIENT, /^TIME: .*412 s behind/],
    ['a zone', withHeaders(timestampHeaders(NOW_SECONDS + 7203)), CLIENT, /^TIME: .*whole hours/],
    [
      'an expiry that passed',
      withHeaders({}, { url: expiryUrl(NOW_SECONDS - 9) }),
      ACCESS,
      /^TIME: Expires passed 9 s before/,
    ],
    [
      'an expiry far ahead',
      withHeaders({}, { url: expiryUrl(NOW_SECONDS + 900) }),
      ACCESS,
      /^TIME: Expires is 900 s ahead/,
    ],
    ['a date', withHeaders(timestampHeaders('2023-11-14T22:13:20Z')), CLIENT, /^SHAPE: .*It is a date/],
    ['a fraction', withHeaders(timestampHeaders('1700000000.5')), CLIENT, /^SHAPE: .*fraction/],
    [
      'another id',
      withHeaders(timestampHeaders(NOW_SECONDS)),
      key('other'),
      /^KEY: .*still signed with the secret of this key/,
    ],
    [
      'an id in upper case',
      withHeaders(timestampHeaders(NOW_SECONDS, 'CLIENT-1')),
      CLIENT,
      /^KEY: .*only in case/,
    ],
    [
      'a profile that is not accepted',
      withHeaders(timestampHeaders(NOW_SECONDS)),
      key('client-1', { profiles: ['EXPIRY'] }),
      /^ACCEPTED: .*it accepts EXPIRY/,
    ],
    ['no signature', withHeaders({ 'x-timestamp': '1' }), CLIENT, /^PROFILE: .*no X-Client-Id/],
    [
      'two ways at once',
      withHeaders({ ...timestampHeaders(NOW_SECONDS), ...rfc9421Headers(MINIMAL_LINES) }),
      CLIENT,
      /^PROFILE: .*more than one way/,
    ],
    [
      'a query that is not covered',
      withHeaders(rfc9421Headers(MINIMAL_LINES.slice(0, 2))),
      MESSAGE,
      /^COVERAGE: .*@query/,
    ],
    [
      'a missing header',
      withHeaders(rfc9421Headers([...MINIMAL_LINES, ['"date"', 'x']])),
      MESSAGE,
      /^COMPONENTS: .*"date"/,
    ],
    [
      'a query without its mark',
      withHeaders(rfc9421Headers([...MINIMAL_LINES.slice(0, 2), ['"@query"', 'page=2']])),
      MESSAGE,
      /^SIGNATURE: .*without its question mark/,
    ],
    [
      'a method in lower case',
      withHeaders(rfc9421Headers([['"@method"', 'get'], ...MINIMAL_LINES.slice(1)])),
      MESSAGE,
      /^SIGNATURE: .*lower case/,
    ],
    [
      'a raw message signature',
      withHeaders({ ...rfc9421Headers(MINIMAL_LINES), signature: hmac('x').toString('hex') }),
      MESSAGE,
      /^SHAPE: .*hexadecimal digits/,
    ],
  ])('%s', (_, request, of, expected) => {
    expect(fault(request, of)).toMatch(expected);
  });

  it('verifies a signature that is too late anyway', () => {
    const { steps, refused } = explain(withHeaders(timestampHeaders(NOW_SECONDS - 412)), CLIENT);
    expect(refused).toBe('SIGNATURE_EXPIRED');
    expect(steps.find(({ name }) => name === 'SIGNATURE')).toMatchObject({ outcome: 'PASSED' });
  });
});

const digestOf = (body: string) => `sha-256=:${createHash('sha256').update(body).digest('base64')}:`;
const withBody = (body: string): SignedRequest =>
  withHeaders({
    ...rfc9421Headers([...MINIMAL_LINES, ['"content-digest"', digestOf(body)]]),
    'content-digest': digestOf(body),
  });

describe('the body', () => {
  it.each([
    ['{"a":1}', '{"a":1}', undefined],
    ['{"a":1}', '{"a":1}\n', undefined],
    ['a\r\nb', 'a\nb', undefined],
    ['{"a":1}', '{"a":2}', /^BODY: .*was changed/],
    ['{"a":1}', '{ "a": 1 }', /^BODY: .*JSON without whitespace/],
    ['', '{"a":1}', /^BODY: .*empty body/],
  ])('with the digest of %j, received as %j', (digested, body, expected) => {
    const found = fault(withBody(digested), MESSAGE, body);
    if (expected) expect(found).toMatch(expected);
    else expect(found).toBeUndefined();
  });

  it('must be empty if no digest is covered', () => {
    const request = withHeaders(rfc9421Headers(MINIMAL_LINES));
    expect(fault(request, MESSAGE, '{}')).toMatch(/^BODY: .*does not cover Content-Digest/);
    expect(fault(request, MESSAGE, '')).toBeUndefined();
  });

  it('is not compared if it is unknown', () => {
    const { steps } = explainSignature(withBody('{}'), null, NOW_MS, MESSAGE);
    expect(steps.at(-1)).toMatchObject({ name: 'BODY', outcome: 'NOTE' });
  });
});

const part = fc.oneof(
  fc.constantFrom('client-1', 'key-1', 'access-1', String(NOW_SECONDS), String(NOW_MS), SECRET, ''),
  fc.string(),
);
const request: fc.Arbitrary<SignedRequest> = fc.oneof(
  fc
    .tuple(fc.integer({ min: -400, max: 400 }), fc.constantFrom('client-1', 'key-1', 'access-1'))
    .map(([off, id]) => withHeaders(timestampHeaders(NOW_SECONDS + off, id))),
  fc
    .tuple(fc.integer({ min: -30, max: 400 }), fc.constantFrom('access-1', 'key-1'))
    .map(([off, id]) => withHeaders({}, { url: expiryUrl(NOW_SECONDS + off, id) })),
  fc
    .tuple(fc.subarray([...MINIMAL_LINES]), fc.constantFrom(PARAMETERS, ';created=1;keyid="key-1";nonce="n"'))
    .map(([lines, parameters]) => withHeaders(rfc9421Headers(lines, parameters))),
  fc.tuple(part, part, part).map(([id, time, mac]) => byTimestamp(mac, time, id)),
  fc.tuple(part, part).map(([input, mac]) => withHeaders({ 'signature-input': input, signature: mac })),
  fc
    .tuple(fc.webQueryParameters(), part)
    .map(([query, mac]) =>
      withHeaders({}, { url: `/?AccessID=access-1&Expires=${soon}&${query}&Signature=${mac}` }),
    ),
);

const anyRequest = fc.oneof(
  { arbitrary: request, weight: 9 },
  fc.constantFrom('{}', 'x').map(withBody),
  fc.dictionary(fc.string(), fc.string()).map((headers) => withHeaders(headers)),
);

describe('the explanation', () => {
  it('rejects what verification rejects, with the same code, and nothing else', () => {
    const outcomes = new Set<string | null>();
    fc.assert(
      fc.property(
        anyRequest,
        fc.constantFrom(CLIENT, MESSAGE, ACCESS),
        fc.constantFrom('', '{}', 'x'),
        (of, by, body) => {
          const read = readSignature(of, NOW_MS);
          const code =
            read === undefined
              ? 'KEY_MISSING'
              : isRefusal(read)
                ? read.refused
                : read.clientId === by.id &&
                    verifySignature(read, by.secret) &&
                    judgeBody(read, contentOf(Buffer.from(body))) !== 'OTHER'
                  ? null
                  : 'SIGNATURE_INVALID';
          const { refused, steps } = explain(of, by, body);
          expect(refused).toBe(code);
          expect(steps.some(({ outcome }) => outcome === 'FAILED')).toBe(code !== null);
          outcomes.add(code);
        },
      ),
      // So many that no outcome is missed by chance.
      { numRuns: 2000 },
    );
    expect(outcomes).toEqual(
      new Set([null, 'KEY_MISSING', 'SIGNATURE_INVALID', 'SIGNATURE_EXPIRED', 'AMBIGUOUS_CREDENTIAL']),
    );
  });

  it('reveals neither the secret nor the correct signature', () => {
    fc.assert(
      fc.property(anyRequest, fc.constantFrom(CLIENT, MESSAGE, ACCESS), (of, by) => {
        const secret = 'kws_marked0123456789ABCDEFGHIJabcdefghij01234567';
        const explanation = explain(of, { ...by, secret: Buffer.from(secret) });
        const shown = JSON.stringify(explanation);
        expect(shown).not.toContain(secret.slice(4, 12));
        const text = explanation.stringToSign;
        if (text === null) return;
        for (const hash of ['sha1', 'sha256']) {
          const expected = hmac(text, secret, hash);
          expect(shown).not.toContain(expected.toString('hex').slice(0, 12));
          expect(shown).not.toContain(expected.toString('base64').slice(0, 12));
        }
      }),
    );
  });
});
