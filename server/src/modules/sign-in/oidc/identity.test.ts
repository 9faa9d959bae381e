import { describe, expect, it } from 'vitest';
import { identityOf, isComplete, type Claims } from './identity.js';
import { SignInRefused } from './sign-in-refused.js';

const token = { iss: 'https://id.example.test', sub: 'ada' };
const read = (idToken: Claims, userInfo: Claims = {}) =>
  identityOf({ ...token, ...idToken }, userInfo, 'groups');

describe('an identity', () => {
  it('is read from the ID token, and missing claims from userinfo', () => {
    expect(
      read({ name: 'Ada' }, { name: 'A', email: ' ada@example.test ', email_verified: true, groups: ['a'] }),
    ).toEqual({
      issuer: token.iss,
      subject: 'ada',
      email: 'ada@example.test',
      emailVerified: true,
      name: 'Ada',
      groups: ['a'],
    });
    expect(isComplete({ groups: [], email: 'a@b', email_verified: false, name: '' }, 'groups')).toBe(true);
    expect(isComplete({ email: 'a@b', email_verified: false, name: '' }, 'groups')).toBe(false);
  });

  it('never treats an address as verified because another one is', () => {
    const [mine, other] = ['mine@example.test', 'other@example.test'];
    expect(
      read({ email: other, email_verified: false }, { email: mine, email_verified: true }),
    ).toMatchObject({
      email: mine,
      emailVerified: true,
    });
    expect(read({ email: other }, { email_verified: true })).toMatchObject({
      email: other,
      emailVerified: false,
    });
    expect(read({ email_verified: true }, { email: other })).toMatchObject({ emailVerified: false });
  });

  it.each([undefined, false, 'true', 1, {}, null])('treats %j as not verified', (email_verified) => {
    expect(read({ email: 'a@example.test', email_verified }).emailVerified).toBe(false);
  });

  it.each(['\uff41da@example.test', '\u212aim@example.test'])(
    'does not treat %s as the address that it resembles',
    (email) => expect(read({ email, email_verified: true }).emailVerified).toBe(false),
  );

  it.each([
    undefined,
    null,
    7,
    ['a@example.test'],
    '',
    'nobody',
    'a@b@c',
    'a\0@example.test',
    `${'a'.repeat(300)}@b`,
  ])('has no address when it is %j', (email) =>
    expect(read({ email, email_verified: true })).toMatchObject({ email: null, emailVerified: false }),
  );

  it('has a displayable name', () => {
    expect(read({ name: 'a\u202eb', preferred_username: ' ada ' }).name).toBe('ada');
    expect(read({ name: { first: 'Ada' }, email: 'ada@example.test' }).name).toBe('ada@example.test');
    expect(read({ name: '👩‍💻'.repeat(200) }).name).toSatisfy((name: string) => [...name].length <= 100);
    expect(read({ sub: '\u202e' }).name).toBe('Unnamed');
  });

  it('has the groups that are strings, whether in a list or a single one', () => {
    expect(read({ groups: 'one' }).groups).toEqual(['one']);
    expect(read({ groups: ['one', 2, null, { a: 1 }, 'two'] }).groups).toEqual(['one', 'two']);
    expect(read({ groups: { one: true } }).groups).toEqual([]);
    expect(read({ groups: [] }, { groups: ['one'] }).groups).toEqual([]);
  });

  it.each([undefined, '', 7, 'a\0', '\ud800', 'x'.repeat(256)])('is rejected with the subject %j', (sub) => {
    expect(() => read({ sub })).toThrow(SignInRefused);
  });
});
