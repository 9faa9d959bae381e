import { createHash } from 'node:crypto';
import { createSigner, httpbis } from 'http-message-signatures';
import { describe, expect, it } from 'vitest';
import { matchesDigest } from './content-digest.js';
import { readSignature } from './read-signature.js';
import type { SignedRequest } from './signed-request.js';
import {
  claimOf,
  MINIMAL_LINES,
  NOW_MS,
  NOW_SECONDS,
  outcomeOf,
  PARAMETERS,
  plainRequest,
  rfc9421Headers,
  SECRET,
  withHeaders,
} from './signing.fixture.js';
import { verifySignature } from './verify-signature.js';

const read = (headers: Record<string, unknown>, overrides: Partial<SignedRequest> = {}, nowMs = NOW_MS) =>
  readSignature(withHeaders(headers, overrides), nowMs);

const withParameters = (parameters: string) => read(rfc9421Headers(MINIMAL_LINES, parameters));

const BODY = Buffer.from('{"hello": "world"}\n');
const DIGEST = `sha-256=:${createHash('sha256').update(BODY).digest('base64')}:`;

describe('the profile of RFC 9421', () => {
  it('accepts a signature that covers the method, the path and the query', () => {
    const claim = claimOf(read(rfc9421Headers(MINIMAL_LINES)));
    expect(claim).toMatchObject({
      profile: 'RFC9421',
      clientId: 'key-1',
      algorithm: 'HMAC-SHA256',
      nonce: { value: 'n-1', createdMs: NOW_MS },
      acceptedUntilMs: NOW_MS + 300_000,
      covered: ['"@method"', '"@path"', '"@query"'],
      bodyDigest: null,
    });
    expect(verifySignature(claim, SECRET)).toBe(true);
    expect(verifySignature(claim, `${SECRET}x`)).toBe(false);
  });

  it.each([
    ['method', { method: 'POST' }],
    ['path', { url: '/crm/customer?page=2' }],
    ['query', { url: '/crm/customers?page=3' }],
  ])('does not verify with another %s', (_, overrides) => {
    expect(verifySignature(claimOf(read(rfc9421Headers(MINIMAL_LINES), overrides)), SECRET)).toBe(false);
  });

  it('returns the digest of the body that is bound', () => {
    const headers = {
      ...rfc9421Headers([...MINIMAL_LINES, ['"content-digest"', DIGEST]]),
      'Content-Digest': DIGEST,
    };
    const claim = claimOf(read({ ...headers, 'content-length': '19' }));
    expect(verifySignature(claim, SECRET)).toBe(true);
    expect(matchesDigest(claim.bodyDigest!, BODY)).toBe(true);
    expect(matchesDigest(claim.bodyDigest!, Buffer.from('{}'))).toBe(false);
  });

  it.each([
    ['a digest that is not covered', { 'content-digest': DIGEST }],
    ['a length', { 'content-length': '19' }],
    ['a list of lengths', { 'content-length': ['0', '19'] }],
    ['chunks', { 'transfer-encoding': 'chunked' }],
  ])('rejects a request whose body is not bound but comes with %s', (_, headers) => {
    expect(read({ ...rfc9421Headers(MINIMAL_LINES), ...headers })).toMatchObject({
      refused: 'SIGNATURE_INVALID',
      step: 'COVERAGE',
    });
  });

  it('treats a length of zero as no body', () => {
    expect(outcomeOf(read({ ...rfc9421Headers(MINIMAL_LINES), 'content-length': '0' }))).toBe('key-1');
  });

  it.each(['md5=:1B2M2Y8AsgTpgAmY7PhCfg==:', 'sha-256', ''])('rejects the covered digest %j', (digest) => {
    const headers = {
      ...rfc9421Headers([...MINIMAL_LINES, ['"content-digest"', digest]]),
      'content-digest': digest,
    };
    expect(read(headers)).toMatchObject({ refused: 'SIGNATURE_INVALID', step: 'COMPONENTS' });
  });

  it.each([
    [['"@path"', '"@query"'], /@method/],
    [['"@method"', '"@path"'], /neither @target-uri nor/],
    [['"@method"', '"@query"'], /neither @target-uri nor/],
    [['"@method"', '"@request-target"'], /neither @target-uri nor/],
    [[], /@method/],
  ])('rejects covering only %j', (identifiers, detail) => {
    const values = new Map([...MINIMAL_LINES, ['"@request-target"', '/crm/customers?page=2']] as [
      string,
      string,
    ][]);
    expect(read(rfc9421Headers(identifiers.map((id) => [id, values.get(id)!])))).toMatchObject({
      refused: 'SIGNATURE_INVALID',
      step: 'COVERAGE',
      detail: expect.stringMatching(detail),
    });
  });

  it('distinguishes a URL that ends in a question mark', () => {
    const lines = [
      ['"@method"', 'GET'],
      ['"@path"', '/a'],
      ['"@query"', '?'],
    ] as const;
    const target = ['"@request-target"', '/a?'] as const;
    expect(outcomeOf(read(rfc9421Headers(lines), { url: '/a' }))).toBe('key-1');
    expect(outcomeOf(read(rfc9421Headers(lines), { url: '/a?' }))).toBe('SIGNATURE_INVALID');
    const claim = claimOf(read(rfc9421Headers([...lines, target]), { url: '/a?' }));
    expect(verifySignature(claim, SECRET)).toBe(true);
  });

  const at = (created: number, more = ''): string => `;created=${created};keyid="key-1";nonce="n-1"${more}`;
  it.each([
    [at(NOW_SECONDS - 301), 'SIGNATURE_EXPIRED'],
    [at(NOW_SECONDS - 300), 'key-1'],
    [at(NOW_SECONDS + 300), 'key-1'],
    [at(NOW_SECONDS + 301), 'SIGNATURE_EXPIRED'],
    [at(NOW_MS), 'SIGNATURE_EXPIRED'],
    [at(NOW_SECONDS, `;expires=${NOW_SECONDS}`), 'key-1'],
    [at(NOW_SECONDS, `;expires=${NOW_SECONDS - 1}`), 'SIGNATURE_EXPIRED'],
    [at(NOW_SECONDS, ';alg="hmac-sha256";tag="app"'), 'key-1'],
    [at(NOW_SECONDS, ';alg="hmac-sha512"'), 'SIGNATURE_INVALID'],
    [at(NOW_SECONDS, ';alg="none"'), 'SIGNATURE_INVALID'],
    [at(NOW_SECONDS, ';alg=hmac-sha256'), 'SIGNATURE_INVALID'],
    [at(NOW_SECONDS, ';alg'), 'SIGNATURE_INVALID'],
    [at(NOW_SECONDS, ';expires="soon"'), 'SIGNATURE_INVALID'],
    [at(NOW_SECONDS, ';expires'), 'SIGNATURE_INVALID'],
    [at(NOW_SECONDS, ';tag=5'), 'SIGNATURE_INVALID'],
    [at(NOW_SECONDS, ';other=1'), 'SIGNATURE_INVALID'],
    [at(NOW_SECONDS, `;created=${NOW_SECONDS}`), 'SIGNATURE_INVALID'],
    [at(NOW_SECONDS, ';nonce="n-2"'), 'SIGNATURE_INVALID'],
    [at(-NOW_SECONDS), 'SIGNATURE_INVALID'],
    [`;created=${NOW_SECONDS}.0;keyid="key-1";nonce="n"`, 'SIGNATURE_INVALID'],
    [`;created=${NOW_SECONDS}.5;keyid="key-1";nonce="n"`, 'SIGNATURE_INVALID'],
    [`;created=0${NOW_SECONDS};keyid="key-1";nonce="n"`, 'SIGNATURE_INVALID'],
    [`;created=1e20;keyid="key-1";nonce="n"`, 'SIGNATURE_INVALID'],
    [`;created="${NOW_SECONDS}";keyid="key-1";nonce="n"`, 'SIGNATURE_INVALID'],
    [`;created=@${NOW_SECONDS};keyid="key-1";nonce="n"`, 'SIGNATURE_INVALID'],
    [`;created=2023-11-14;keyid="key-1";nonce="n"`, 'SIGNATURE_INVALID'],
    [`;created;keyid="key-1";nonce="n"`, 'SIGNATURE_INVALID'],
    [';keyid="key-1";nonce="n"', 'SIGNATURE_INVALID'],
    [`;created=${NOW_SECONDS};nonce="n"`, 'SIGNATURE_INVALID'],
    [`;created=${NOW_SECONDS};keyid="key-1"`, 'SIGNATURE_INVALID'],
    [`;created=${NOW_SECONDS};keyid="key-1";nonce=""`, 'SIGNATURE_INVALID'],
    [`;created=${NOW_SECONDS};keyid="key-1";nonce=:AAAA:`, 'SIGNATURE_INVALID'],
    [`;created=${NOW_SECONDS};keyid="key-1";nonce="${'n'.repeat(201)}"`, 'SIGNATURE_INVALID'],
    [`;created=${NOW_SECONDS};keyid="";nonce="n"`, 'SIGNATURE_INVALID'],
    [`;created=${NOW_SECONDS};keyid="a b";nonce="n"`, 'SIGNATURE_INVALID'],
    [`;created=${NOW_SECONDS};keyid="${'k'.repeat(201)}";nonce="n"`, 'SIGNATURE_INVALID'],
    [`;created=${NOW_SECONDS};keyid=key-1;nonce="n"`, 'SIGNATURE_INVALID'],
  ])('with the parameters %s is %s', (parameters, expected) => {
    expect(outcomeOf(withParameters(parameters))).toBe(expected);
  });

  it('requires its nonce to be stored until the signature would be rejected anyway', () => {
    expect(claimOf(withParameters(at(NOW_SECONDS + 300))).acceptedUntilMs).toBe(NOW_MS + 600_000);
    expect(claimOf(withParameters(at(NOW_SECONDS, `;expires=${NOW_SECONDS + 9}`))).acceptedUntilMs).toBe(
      NOW_MS + 9000,
    );
  });

  const good = rfc9421Headers(MINIMAL_LINES) as { 'signature-input': string; signature: string };
  const input = good['signature-input'].slice('sig='.length);
  const bytes = good.signature.slice('sig='.length);
  it.each([
    ['two labels', `sig=${input}, other=${input}`, `sig=${bytes}, other=${bytes}`, 'AMBIGUOUS_CREDENTIAL'],
    ['a second input', `sig=${input}, other=${input}`, good.signature, 'AMBIGUOUS_CREDENTIAL'],
    ['a second signature', good['signature-input'], `sig=${bytes}, b=${bytes}`, 'AMBIGUOUS_CREDENTIAL'],
    ['two lines', [`sig=${input}`, `b=${input}`], good.signature, 'AMBIGUOUS_CREDENTIAL'],
    ['the same label twice', `sig=${input}, sig=${input}`, good.signature, 'SIGNATURE_INVALID'],
    ['another label', good['signature-input'], `b=${bytes}`, 'SIGNATURE_INVALID'],
    ['no signature', good['signature-input'], undefined, 'SIGNATURE_INVALID'],
    ['an empty signature', good['signature-input'], '', 'SIGNATURE_INVALID'],
    ['an empty input', '', good.signature, 'SIGNATURE_INVALID'],
    ['anything but a list', `sig;created=${NOW_SECONDS}`, good.signature, 'SIGNATURE_INVALID'],
    ['a string', `sig="@method"${PARAMETERS}`, good.signature, 'SIGNATURE_INVALID'],
    ['a signature of 20 bytes', good['signature-input'], `sig=:${'A'.repeat(27)}=:`, 'SIGNATURE_INVALID'],
    [
      'a signature in loose base64',
      good['signature-input'],
      `sig=${bytes.replace('=', '')}`,
      'SIGNATURE_INVALID',
    ],
    ['a signature as a string', good['signature-input'], `sig="${bytes}"`, 'SIGNATURE_INVALID'],
    ['parameters of the signature', good['signature-input'], `${good.signature};a`, 'SIGNATURE_INVALID'],
    ['something other than a string', 5, good.signature, 'SIGNATURE_INVALID'],
    ['a long input', `sig=(${'"a" '.repeat(4000)})`, good.signature, 'SIGNATURE_INVALID'],
    [
      '33 components',
      `sig=(${Array.from({ length: 33 }, (_, i) => `"a${i}"`).join(' ')})`,
      good.signature,
      'SIGNATURE_INVALID',
    ],
  ])('with %s is rejected', (_, inputs, signatures, expected) => {
    expect(outcomeOf(read({ 'signature-input': inputs, signature: signatures }))).toBe(expected);
  });

  it('allows blanks between the parts', () => {
    const spaced = good['signature-input'].replace('(', '( ').replace('" "', '"  "').replaceAll(';', '; ');
    const claim = claimOf(read({ 'signature-input': [` ${spaced}\t`], signature: ` ${good.signature} ` }));
    expect(verifySignature(claim, SECRET)).toBe(true);
  });

  it('does not apply to a Signature header alone, which older schemes use', () => {
    expect(read({ signature: 'keyId="a",algorithm="hmac-sha256",signature="AAAA"' })).toBeUndefined();
  });
});

describe('an independent signer', () => {
  const sign = (
    fields: string[],
    request: { method: string; url: string; headers: Record<string, string> },
  ) =>
    httpbis.signMessage(
      {
        key: createSigner(SECRET, 'hmac-sha256', 'key-1'),
        fields,
        params: ['created', 'expires', 'nonce', 'keyid', 'alg', 'tag'],
        paramValues: {
          created: new Date(NOW_MS),
          expires: new Date(NOW_MS + 60_000),
          nonce: 'n"1\\',
          tag: 'app',
        },
      },
      request,
    );

  it.each([
    [['@method', '@target-uri'], 'https://api.example.test/a/b?c=d%20e&f'],
    [['@method', '@path', '@query'], 'https://api.example.test/a%2Fb'],
    [
      ['@method', '@target-uri', '@authority', '@scheme', '@request-target'],
      'http://API.example.test:8080/?q=1',
    ],
    [['@method', '@path', '@query', '@query-param;name="q"'], 'https://api.example.test/a?q=x+y%2Fz&r=1'],
    [
      ['x-list', '@method', '@target-uri', 'content-type', 'content-digest', 'content-length'],
      'https://a.test/b',
    ],
  ])('over %j of %s is accepted, and nothing else', async (fields, target) => {
    const { pathname, search, host, protocol } = new URL(target);
    const unsigned = {
      host,
      'content-type': 'application/json',
      'content-length': String(BODY.length),
      'Content-Digest': DIGEST,
      'X-List': ' a,b ',
    };
    const withBody = fields.includes('content-digest');
    const { headers } = await sign(fields, {
      method: 'POST',
      url: new URL(target).href,
      headers: withBody ? unsigned : { host },
    });
    const request = plainRequest({
      method: 'POST',
      url: pathname + search,
      headers,
      scheme: protocol.slice(0, -1),
    });
    const claim = claimOf(readSignature(request, NOW_MS));
    expect(claim).toMatchObject({
      clientId: 'key-1',
      nonce: { value: 'n"1\\' },
      acceptedUntilMs: NOW_MS + 60_000,
    });
    expect(verifySignature(claim, SECRET)).toBe(true);
    expect(claim.bodyDigest !== null && matchesDigest(claim.bodyDigest, BODY)).toBe(withBody);

    const other = claimOf(readSignature({ ...request, url: `${pathname}x${search}` }, NOW_MS));
    expect(verifySignature(other, SECRET)).toBe(false);
  });

  it('that covers too little is rejected', async () => {
    const { headers } = await sign(['@method', '@authority'], {
      ...plainRequest(),
      url: 'https://a.test/b',
    } as never);
    expect(outcomeOf(readSignature(plainRequest({ url: '/b', headers }), NOW_MS))).toBe('SIGNATURE_INVALID');
  });
});
