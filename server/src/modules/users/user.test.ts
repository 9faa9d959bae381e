import { describe, expect, it } from 'vitest';
import { foldEmail, mayUsePassword, parsePreferences, parseProfile, statusOf, type User } from './user.js';

describe('a profile', () => {
  it('is trimmed', () => {
    expect(parseProfile({ email: ' Ada@Example.test ', name: ' Ada ' })).toEqual({
      email: 'Ada@Example.test',
      name: 'Ada',
    });
  });

  it.each([
    '',
    'ada',
    'ada@',
    '@example.test',
    'a b@example.test',
    'ada@exa mple.test',
    'ada@-x.test',
    `${'a'.repeat(300)}@x.test`,
    'a\u0000@x.test',
    'a\u202e@x.test',
  ])('is rejected with the address %j', (email) => {
    expect(() => parseProfile({ email, name: 'Ada' })).toThrow(/e-mail/);
  });

  it.each(['', '   ', 'a'.repeat(10_000), 'a\u0000', 'a\ud800', 'a\u202eb', 'a\nb'])(
    'is rejected with the name %j',
    (name) => {
      expect(() => parseProfile({ email: 'ada@example.test', name })).toThrow(/name/);
    },
  );

  it('keeps HTML as plain text', () => {
    expect(parseProfile({ email: 'ada@example.test', name: '<b>Ada</b>' }).name).toBe('<b>Ada</b>');
  });
});

describe('a user', () => {
  const user = (facts: Partial<User>): User =>
    ({ enabled: true, external: false, hasPassword: true, ...facts }) as User;

  it.each([
    [{}, 'ACTIVE'],
    [{ hasPassword: false }, 'INVITED'],
    [{ hasPassword: false, external: true }, 'ACTIVE'],
    [{ enabled: false }, 'DISABLED'],
    [{ enabled: false, hasPassword: false }, 'DISABLED'],
  ] as const)('that is %j counts as %s', (facts, status) => {
    expect(statusOf(user(facts))).toBe(status);
  });

  it('can use a password only when enabled and not managed by an identity provider', () => {
    expect(mayUsePassword(user({}))).toBe(true);
    expect(mayUsePassword(user({ enabled: false }))).toBe(false);
    expect(mayUsePassword(user({ external: true }))).toBe(false);
  });
});

it('compares addresses case-insensitively', () => {
  expect(foldEmail(' ADA@Example.test')).toBe(foldEmail('ada@example.test'));
});

it.each([null, 1, 'a', true, []])('rejects %j as preferences', (value) => {
  expect(() => parsePreferences(value)).toThrow(/object/);
});
