import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { headersOf } from '../verification/refusal.js';
import { isAuthorizeUrl, readAuthorizeTarget } from './authorize-target.js';
import { mayPassForIdentity } from './identity-headers.js';
import { readOriginalRequest } from './original-request.js';

const PEER = { ip: '203.0.113.9', direct: '127.0.0.1', trusted: true, named: true };
const FORWARDED = {
  'x-original-method': ['GET'],
  'x-original-uri': ['/a/b?c=d'],
  'x-forwarded-for': ['203.0.113.9'],
};
const IN_HEADERS = { headers: true } as const;

describe('the original request', () => {
  it('is read from the headers of nginx, or from those of Traefik and Caddy', () => {
    const read = {
      method: 'GET',
      target: '/a/b?c=d',
      path: { segments: ['a', 'b'], query: 'c=d' },
      ip: '203.0.113.9',
      scheme: null,
      authority: null,
    };
    expect(readOriginalRequest(FORWARDED, PEER, IN_HEADERS)).toMatchObject(read);
    const others = {
      'x-forwarded-method': ['GET'],
      'x-forwarded-uri': ['/a/b?c=d'],
      'x-forwarded-for': ['203.0.113.9'],
      'x-forwarded-proto': ['https'],
      'x-forwarded-host': ['api.example.test:8443'],
      host: ['127.0.0.1:4000'],
    };
    expect(readOriginalRequest(others, PEER, IN_HEADERS)).toMatchObject({
      ...read,
      scheme: 'https',
      authority: 'api.example.test:8443',
    });
  });

  it('of a WebSocket is the GET of HTTP that it begins as', () => {
    for (const [proto, scheme] of [
      ['ws', 'http'],
      ['wss', 'https'],
      ['WSS', 'https'],
      ['HTTP', 'http'],
    ] as const) {
      const headers = { ...FORWARDED, upgrade: ['websocket'], 'x-forwarded-proto': [proto] };
      expect(readOriginalRequest(headers, PEER, IN_HEADERS)).toMatchObject({ method: 'GET', scheme });
    }
    for (const proto of ['ftp', 'wsss', '__proto__', 'https, wss']) {
      const headers = { ...FORWARDED, 'x-forwarded-proto': [proto] };
      expect(readOriginalRequest(headers, PEER, IN_HEADERS)).toHaveProperty('unclear');
    }
  });

  it('may stand in place of the request to Keywright, and then no header may say otherwise', () => {
    const place = { method: 'GET', target: '/a/b?c=d' };
    const alone = { 'x-forwarded-for': ['203.0.113.9'] };
    expect(readOriginalRequest(alone, PEER, place)).toMatchObject(place);
    expect(readOriginalRequest(FORWARDED, PEER, place)).toMatchObject(place);
    const lies: Record<string, string[]>[] = [
      { 'x-original-uri': ['/a'] },
      { 'x-forwarded-method': ['POST'] },
      { 'x-forwarded-uri': [''] },
    ];
    for (const lie of lies) {
      expect(readOriginalRequest({ ...alone, ...lie }, PEER, place)).toHaveProperty('unclear');
    }
  });

  it('is unclear without an address that a trusted proxy named', () => {
    expect(readOriginalRequest(FORWARDED, { ...PEER, named: false }, IN_HEADERS)).toHaveProperty('unclear');
  });

  it('is read or unclear, whatever comes', () => {
    const name = fc.oneof(
      fc.constantFrom(
        ...Object.keys(FORWARDED),
        'x-forwarded-uri',
        'x-forwarded-host',
        'host',
        'X-Key-Id',
        '__proto__',
      ),
      fc.string({ maxLength: 30 }),
    );
    const value = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 2000 }),
      fc.constantFrom('GET', '/a', '203.0.113.9', ''),
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(name, value), { maxLength: 40 }),
        value,
        value,
        (headers, method, target) => {
          const sent = headersOf(headers.flat());
          for (const place of [IN_HEADERS, { method, target }]) {
            const read = readOriginalRequest(sent, PEER, place);
            expect('unclear' in read || read.path.segments.every((each) => each !== '..')).toBe(true);
          }
          readAuthorizeTarget(`/v1/authorize${target}`);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('headers that a service may take for the identity of the caller', () => {
  it.each(['x-key-id', 'x_key_id', 'x-key_name', 'x.key.scopes', 'x-service_account-id', 'x-key-anything'])(
    'are told by every sign that some service folds: %s',
    (name) => expect(mayPassForIdentity(name)).toBe(true),
  );
  it.each(['x-api-key', 'x-keyword', 'key-id', 'x-service-account', 'xkey-id'])('are no others: %s', (name) =>
    expect(mayPassForIdentity(name)).toBe(false),
  );
});

describe("the gateway's own address", () => {
  it('names what is needed, or leaves it to the rules', () => {
    expect(readAuthorizeTarget('/v1/authorize')).toEqual({
      environment: 'PRODUCTION',
      permissions: null,
      scopeId: null,
      cost: 1,
      original: null,
    });
    expect(
      readAuthorizeTarget('/v1/authorize/staging?permission=a.b&permission=c&scope=scp_1&cost=5'),
    ).toMatchObject({ environment: 'STAGING', permissions: ['a.b', 'c'], scopeId: 'scp_1', cost: 5 });
  });

  it('is never read from what the client wrote behind it', () => {
    expect(readAuthorizeTarget('/v1/authorize/development/x?permission=a&scope=b&cost=9')).toEqual({
      environment: 'DEVELOPMENT',
      permissions: null,
      scopeId: null,
      cost: 1,
      original: '/x?permission=a&scope=b&cost=9',
    });
  });

  it.each([
    '/v1/authorize/x',
    '/v1/authorize/',
    '/v1/authorize/Production',
    '/v1/authorize//a',
    '/v1/authorize?a=b',
  ])('is faulty: %s', (url) => expect(readAuthorizeTarget(url)).toHaveProperty('fault'));

  it('is told from other addresses', () => {
    expect(['/v1/authorize', '/v1/authorize?x', '/v1/authorize/x'].every(isAuthorizeUrl)).toBe(true);
    expect(['/v1/authorized', '/v1/verify', '/'].some(isAuthorizeUrl)).toBe(false);
  });
});
