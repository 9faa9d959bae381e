import { describe, expect, it } from 'vitest';
import { checkFilter, cleanRow, matches, type RequestLog } from './request-log.js';

const log = (over: Partial<RequestLog> = {}): RequestLog => ({
  id: 'req_1',
  at: new Date('2027-03-01T12:00:00Z'),
  environment: 'PRODUCTION',
  apiKeyId: 'key_1',
  maskedSecret: null,
  code: 'VALID',
  status: 200,
  method: 'GET',
  path: '/customers/7',
  permission: null,
  scopeId: null,
  ip: '203.0.113.9',
  userAgent: null,
  latencyMicroseconds: 12,
  responseStatus: null,
  responseMilliseconds: null,
  requestBytes: null,
  responseBytes: null,
  ...over,
});

describe('a request log', () => {
  it('keeps nothing that is too long, breaks the line or contains a credential', () => {
    const clean = cleanRow(
      log({
        path: `/a\nb?api_key=hunter2&x=kw_live_${'a'.repeat(50)}`,
        userAgent: 'x'.repeat(1000),
        method: 'M'.repeat(99),
      }),
    );
    expect(clean.path).toBe('/a b?api_key=[redacted]&x=[redacted]');
    expect(clean.userAgent).toHaveLength(500);
    expect(clean.method).toHaveLength(20);
  });

  it('cleans a text the same way each time, to the length of its column', () => {
    const secret = `client kw_live_${'a'.repeat(50)}`;
    const long = 'M'.repeat(150);
    const texts = { method: long, permission: long, scopeId: long, userAgent: secret };
    for (let time = 0; time < 3; time++) {
      expect(cleanRow(log(texts))).toMatchObject({
        method: 'M'.repeat(20),
        permission: long,
        scopeId: 'M'.repeat(100),
        userAgent: 'client [redacted]',
      });
    }
    for (let i = 0; i < 3000; i++) {
      expect(cleanRow(log({ userAgent: `client ${i}` })).userAgent).toBe(`client ${i}`);
    }
  });

  it.each([
    [{}, true],
    [{ apiKeyId: 'key_1', environment: 'PRODUCTION', method: 'GET', ip: '203.0.113.9' } as const, true],
    [{ apiKeyId: 'key_2' }, false],
    [{ environment: 'STAGING' } as const, false],
    [{ code: ['KEY_EXPIRED', 'VALID'] } as const, true],
    [{ code: ['KEY_EXPIRED'] } as const, false],
    [{ code: [] }, false],
    [{ status: [200] }, true],
    [{ status: [401] }, false],
    [{ pathPrefix: '/customers' }, true],
    [{ pathPrefix: '/cust%' }, false],
    [{ at: { from: new Date('2027-03-01T12:00:00Z'), to: new Date('2027-03-01T12:00:01Z') } }, true],
    [{ at: { to: new Date('2027-03-01T12:00:00Z') } }, false],
  ])('matches %j: %s', (filter, expected) => {
    expect(matches(filter, log())).toBe(expected);
  });

  it('has no path to match if none was reported', () => {
    expect(matches({ pathPrefix: '' }, log({ path: null }))).toBe(false);
  });
});

describe('a request log filter', () => {
  it.each(['method', 'pathPrefix', 'ip'])('is rejected with a %s that no row can contain', (member) => {
    for (const text of ['\0', '/a\0b', '\ud800']) {
      expect(() => checkFilter({ [member]: text })).toThrow(
        expect.objectContaining({ code: 'BAD_USER_INPUT' }),
      );
    }
  });

  it('is unchanged otherwise', () => {
    expect(checkFilter(null)).toEqual({});
    expect(checkFilter({ apiKeyId: '\0', pathPrefix: '/a' })).toEqual({ apiKeyId: '\0', pathPrefix: '/a' });
  });
});
