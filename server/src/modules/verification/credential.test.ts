import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mintToken } from '../keys/token.js';
import {
  readCallerCredential,
  readCredential,
  readNamedCredential,
  readPassedOnCredential,
} from './credential.js';

const { token } = mintToken('kw', 'PRODUCTION');
const other = mintToken('kw', 'PRODUCTION').token;

describe('the credential of a request to a protected API', () => {
  it('is read from X-API-KEY', () => {
    expect(readCredential({ 'x-api-key': token, accept: '*/*' }, '/customers?page=2')).toEqual({ token });
    expect(readCredential({ 'x-api-key': [token] })).toEqual({ token });
  });

  it('is missing when no credential was sent', () => {
    expect(readCredential({})).toEqual({ refused: 'KEY_MISSING' });
    expect(readCredential({ 'x-api-key': '' })).toEqual({ refused: 'KEY_MISSING' });
    expect(readCredential({ authorization: 'Bearer of-a-session' })).toEqual({ refused: 'KEY_MISSING' });
  });

  it.each([`Bearer ${token}`, `ApiKey ${token}`, token])(
    'is not read from Authorization: %s',
    (authorization) => {
      const credential = readCredential({ authorization });
      expect(credential).toMatchObject({ refused: 'KEY_MISSING' });
      expect('hint' in credential && credential.hint).toContain('X-API-KEY');
    },
  );

  it.each([`/x?api_key=${token}`, `/x?anything=${token}`, `/x?a=%6b${token.slice(1)}`])(
    'is not read from the URL',
    (url) => {
      const credential = readCredential({}, url);
      expect(credential).toMatchObject({ refused: 'KEY_MISSING' });
      expect('hint' in credential && credential.hint).toContain('X-API-KEY');
    },
  );

  it.each([
    ['a repeated header', { 'x-api-key': [token, token] }, '/'],
    ['a header repeated in one line', { 'x-api-key': `${token}, ${other}` }, '/'],
    ['a second scheme', { 'x-api-key': token, authorization: 'Bearer of-a-session' }, '/'],
    ['a second key in Authorization', { 'x-api-key': token, authorization: `Bearer ${other}` }, '/'],
    ['a second key in the URL', { 'x-api-key': token }, `/?key=${other}`],
    ['two keys outside the header', { authorization: `Bearer ${token}` }, `/?key=${other}`],
  ])('is ambiguous with %s', (_what, headers, url) => {
    expect(readCredential(headers, url)).toEqual({ refused: 'AMBIGUOUS_CREDENTIAL' });
  });

  it.each([
    ['with an encoded underscore', `/?key=${other.replaceAll('_', '%5F')}`],
    ['next to a broken escape', `/?key=${other.replace('_', '%5f')}&z=%zz`],
    ['next to bytes that are not UTF-8', `/?key=${other.replace('_', '%5f')}&z=%ff`],
    ['encoded twice', `/?key=${other.replaceAll('_', '%255F')}`],
    ['encoded four times', `/?key=${other.replaceAll('_', '%2525255F')}`],
    ['encoded within an encoding', `/?key=${other.replaceAll('_', '%%35%46')}`],
    [
      'encoded letter by letter',
      `/?key=${[...other].map((c) => `%${c.charCodeAt(0).toString(16)}`).join('')}`,
    ],
    ['after a lot of other text', `/?z=${'x'.repeat(10_100)}&key=${other}`],
  ])('is ambiguous with a key in the URL %s', (_what, url) => {
    expect(readCredential({ 'x-api-key': token }, url)).toEqual({ refused: 'AMBIGUOUS_CREDENTIAL' });
    expect(readCredential({}, url)).toMatchObject({ refused: 'KEY_MISSING' });
    expect(readNamedCredential(token, {}, url)).toEqual({ refused: 'AMBIGUOUS_CREDENTIAL' });
  });

  it('is accepted with a query that only looks odd', () => {
    for (const url of ['/?z=%zz', '/?z=%', '/?z=%25%25%25', `/?z=${'%25'.repeat(3000)}`, '/?q=kw%5Flive']) {
      expect(readCredential({ 'x-api-key': token }, url)).toEqual({ token });
    }
  });

  it.each([[{ a: 1 }], 7, true, { toString: 1 }])('is malformed when it is %j', (value) => {
    expect(readCredential({ 'x-api-key': value })).toEqual({ refused: 'KEY_MALFORMED' });
  });

  it('never makes the reader throw', () => {
    const names = fc.oneof(
      fc.constantFrom('x-api-key', 'X-API-KEY', 'authorization', '__proto__'),
      fc.string(),
    );
    const values = fc.oneof(fc.anything(), fc.constantFrom(token, `Bearer ${token}`, [token]), fc.string());
    fc.assert(
      fc.property(fc.dictionary(names, values), fc.oneof(fc.string(), fc.webUrl()), (headers, url) => {
        for (const read of [readCredential, readCallerCredential]) {
          const credential = read(headers, url);
          expect('token' in credential ? typeof credential.token : credential.refused).toBeTypeOf('string');
        }
        readNamedCredential(token, headers, url);
      }),
    );
  });
});

describe('a credential named by the caller of /v1/verify', () => {
  it('can be repeated in the headers, but not contradicted', () => {
    expect(readNamedCredential(token, {})).toEqual({ token });
    expect(readNamedCredential(token, { 'x-api-key': token, authorization: `Bearer ${token}` })).toEqual({
      token,
    });
    expect(readNamedCredential(token, { authorization: `bearer   ${token}` })).toEqual({ token });
    expect(readNamedCredential(token, { authorization: 'Bearer of-a-session' })).toEqual({ token });
    const ambiguous = { refused: 'AMBIGUOUS_CREDENTIAL' };
    expect(readNamedCredential(token, { 'x-api-key': other })).toEqual(ambiguous);
    expect(readNamedCredential(token, { authorization: `Bearer ${other}` })).toEqual(ambiguous);
    expect(readNamedCredential(token, {}, `/?key=${other}`)).toEqual(ambiguous);
    expect(readNamedCredential(token, {}, `/?key=${token}`)).toEqual({ token });
    expect(readNamedCredential(token, {}, `/?a=${token}&b=${other}`)).toEqual(ambiguous);
    expect(readNamedCredential('', {})).toEqual({ refused: 'KEY_MISSING' });
  });
});

describe('the credential of a caller of Keywright itself', () => {
  it('is read from X-API-KEY or from Authorization: Bearer, not from both', () => {
    expect(readCallerCredential({ 'x-api-key': token })).toEqual({ token });
    expect(readCallerCredential({ authorization: `Bearer ${token}` })).toEqual({ token });
    expect(readCallerCredential({ authorization: `Bearer  ${token}` })).toEqual({ token });
    expect(readCallerCredential({ authorization: `Basic ${token}` })).toEqual({ refused: 'KEY_MISSING' });
    expect(readCallerCredential({ authorization: `Bearer ${token}`, 'x-api-key': token })).toEqual({
      refused: 'AMBIGUOUS_CREDENTIAL',
    });
    expect(readCallerCredential({})).toEqual({ refused: 'KEY_MISSING' });
  });
});

describe('the credential of a request that a gateway forwards', () => {
  const passedOn = (headers: Record<string, string | string[]>) =>
    readPassedOnCredential({ method: 'GET', url: '/', headers });

  it.each(['Bearer of-the-service', 'Basic dXNlcjpwYXNz', 'Negotiate', 'Bearer a_live_b', 'Basic %%%'])(
    'is accepted with a token of the service: %s',
    (authorization) => {
      expect(passedOn({ 'x-api-key': token, authorization })).toEqual({ token });
      expect(passedOn({ authorization })).toEqual({ refused: 'KEY_MISSING' });
    },
  );

  it.each([
    other,
    token,
    `Bearer ${other}`,
    `Bearer ${other.replaceAll('_', '%5f')}`,
    `Basic ${Buffer.from(`${other}:`).toString('base64')}`,
    `basic  ${Buffer.from(`user:${other}`).toString('base64url')}`,
  ])('is ambiguous with another key: %s', (authorization) => {
    const ambiguous = { refused: 'AMBIGUOUS_CREDENTIAL' };
    expect(passedOn({ 'x-api-key': token, authorization })).toEqual(ambiguous);
    expect(passedOn({ 'x-api-key': token, authorization: ['Bearer x', authorization] })).toEqual(ambiguous);
    expect(passedOn({ authorization })).toMatchObject({ refused: 'KEY_MISSING' });
  });
});
