import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { headersOf } from '../verification/refusal.js';
import { readOriginalRequest } from './original-request.js';
import { reservationOf } from './reserved-headers.js';

const PEER = { ip: '203.0.113.9', direct: '127.0.0.1', local: true, trusted: true, named: true };
const FORWARDED = {
  'x-original-method': ['GET'],
  'x-original-uri': ['/a/b?c=d'],
  'x-forwarded-for': ['203.0.113.9'],
};
const IN_HEADERS = 'HEADERS';

describe('the original request', () => {
  it('is read from the headers of nginx, Traefik or Caddy', () => {
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

  it('of a WebSocket is the HTTP GET that it starts as', () => {
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

  it('can be the request to Keywright itself, which no header may then contradict', () => {
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

  it('is either read or unclear, whatever is sent', () => {
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
          for (const place of [IN_HEADERS, 'URL_HEADER', { method, target }] as const) {
            const read = readOriginalRequest(sent, PEER, place);
            expect('unclear' in read || read.path.segments.every((each) => each !== '..')).toBe(true);
          }
        },
      ),
    );
  });
});

describe('the original request of ingress-nginx', () => {
  const sent = {
    'x-original-method': ['GET'],
    'x-original-url': ['https://api.example.test:8443/a/b?c=d'],
    'x-forwarded-for': ['203.0.113.9'],
    host: ['keywright.example.test'],
  };
  const read = (changed: Record<string, string[] | undefined>) => {
    const entries = Object.entries({ ...sent, ...changed }).filter(([, values]) => values !== undefined);
    return readOriginalRequest(Object.fromEntries(entries) as typeof sent, PEER, 'URL_HEADER');
  };

  it('is read from X-Original-URL, which no other gateway can send', () => {
    expect(read({})).toMatchObject({
      method: 'GET',
      target: '/a/b?c=d',
      path: { segments: ['a', 'b'], query: 'c=d' },
      ip: '203.0.113.9',
      scheme: 'https',
      authority: 'api.example.test:8443',
    });
    expect(readOriginalRequest({ ...sent, 'x-original-uri': ['/a/b?c=d'] }, PEER, IN_HEADERS)).toHaveProperty(
      'unclear',
    );
  });

  it('can also be in X-Original-URI, and then must agree', () => {
    expect(read({ 'x-original-uri': ['/a/b?c=d'] })).toMatchObject({ target: '/a/b?c=d' });
    expect(read({ 'x-original-uri': ['/public'] })).toHaveProperty('unclear');
    expect(read({ 'x-forwarded-method': ['OPTIONS'] })).toHaveProperty('unclear');
    expect(read({ x_original_url: ['/public'] })).toHaveProperty('unclear');
  });

  it.each([
    ['absent', undefined],
    ['empty', ['']],
    ['doubled', ['https://a/b', 'https://a/b']],
    ['a path', ['/a/b']],
    ['without a path', ['https://a?/b']],
    ['with user information before the host', ['https://a@b/c']],
    ['of another scheme', ['ftp://a/b']],
    ['of two paths', ['https://a//b']],
  ])('is unclear when the URL is %s', (_, values) => {
    expect(read({ 'x-original-url': values })).toHaveProperty('unclear');
  });
});

describe('headers that a service could mistake for those of the gateway', () => {
  it.each([
    'x-key-id',
    'x_key_id',
    'x-key_name',
    'x.key.scopes',
    'x-service_account-id',
    'x-key-anything',
    'x_original_uri',
    'x-original.method',
    'x_forwarded_for',
    'x_gateway-key',
  ])('are detected with every character that some service folds: %s', (name) =>
    expect(reservationOf(name)).toBe('GATEWAY_ONLY'),
  );
  it.each([
    'x-http-method-override',
    'x_http_method_override',
    'x.http.method.override',
    'x!http-method',
    'x_method_override',
    'x-original-url',
    'x_original_url',
    'x-original_path',
    'x_rewrite_url',
    'x-envoy-original-path',
    'x_envoy_original_path',
    'x-envoy-original-url',
    'x-envoy-original-method',
    'x_rewrite.path',
    'x-override-method',
    'x-override_uri',
    'x-http-path-override',
    'x_url_override',
  ])('are distinguished from those that name another request: %s', (name) =>
    expect(reservationOf(name)).toBe('OVERRIDE'),
  );
  it.each([
    'x-api-key',
    'x-keyword',
    'key-id',
    'x-service-account',
    'xkey-id',
    'x-original-uri',
    'x-original-url-signature',
    'x-forwarded-for',
    'x-forwarded-port',
    'x-envoy-internal',
    'x-http-methods',
    'x-original-method',
    'x-forwarded-prefix',
    'x-override',
  ])('include no others: %s', (name) => expect(reservationOf(name)).toBeNull());
});
