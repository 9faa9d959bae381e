import { describe, expect, it } from 'vitest';
import { readManagementCredential } from './credentials.js';
import { SessionCookie } from './session-cookie.js';

const cookie = new SessionCookie(false);
const token = 'A'.repeat(43);
const read = (headers: Record<string, string>, raw: string[] = []): unknown =>
  readManagementCredential(headers, cookie, raw);

describe('the credential of a request to the management API', () => {
  it('is a cookie, a bearer token, a key, or nothing', () => {
    expect(read({})).toEqual({ kind: 'none' });
    expect(read({ cookie: `keywright_session=${token}` })).toEqual({ kind: 'cookie', token });
    expect(read({ authorization: `Bearer ${token}` })).toEqual({ kind: 'bearer', token });
    expect(read({ authorization: `Bearer  ${token}` })).toEqual({ kind: 'bearer', token });
    expect(read({ authorization: `bearer ${token}`, cookie: `keywright_session=${token}` })).toMatchObject({
      kind: 'bearer',
    });
    expect(read({ 'x-api-key': 'anything' })).toEqual({ kind: 'key' });
  });

  it.each([
    ['a session and a key', { authorization: `Bearer ${token}`, 'x-api-key': 'k' }, []],
    ['a cookie and a key', { cookie: `keywright_session=${token}`, 'x-api-key': 'k' }, []],
    [
      'two sessions that disagree',
      { cookie: `keywright_session=${token}`, authorization: `Bearer ${'B'.repeat(43)}` },
      [],
    ],
    [
      'the same header twice',
      { authorization: `Bearer ${token}` },
      ['Authorization', 'a', 'authorization', 'b'],
    ],
  ])('is rejected for %s', (_, headers, raw) => {
    expect(() => read(headers as Record<string, string>, raw)).toThrow(/more than one credential/);
  });

  it('names X-API-KEY in the error for a key in Authorization', () => {
    expect(() => read({ authorization: `Bearer kw_live_${'a'.repeat(50)}` })).toThrow(/X-API-KEY/);
  });

  it.each([
    'Basic abc',
    'Bearer',
    'Bearer ',
    'Bearer  ',
    `Bearer\t${token}`,
    'Bearer a b',
    'Bearer a,Bearer b',
    token,
  ])('cannot be %j', (authorization) => {
    expect(() => read({ authorization })).toThrow(/Bearer/);
  });
});
