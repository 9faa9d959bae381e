import { describe, expect, test } from 'vitest';
import { NOBODY, type Caller, type Place } from './caller.js';
import { predict } from './predict.js';
import type { Rule } from './rule.js';
import { answerOf } from './send.js';

const user = (...grants: [Place, ...string[]][]): Caller => ({
  ...NOBODY,
  kind: 'users',
  grants: grants.map(([at, ...permissions]) => ({ at, permissions })),
});
const READ = 'keywright.keys.read';
const WRITE = 'keywright.keys.write';
const change: Rule = { needs: WRITE, at: 'scope' };

describe("an object in the caller's scope", () => {
  test.each<[string, Caller]>([
    ['ALLOWED', user(['root', '*'])],
    ['ALLOWED', user(['home', 'keywright.keys.*'])],
    ['ALLOWED', user(['home', WRITE], ['foreign', READ])],
    ['FORBIDDEN', user(['home', READ])],
    ['FORBIDDEN', user(['home', READ], ['foreign', WRITE])],
    ['FORBIDDEN', user(['root', 'view_customer'])],
    ['FORBIDDEN', user()],
    ['NOT_FOUND', user(['foreign', WRITE, READ])],
    ['NOT_FOUND', user(['home', 'view_customer'], ['foreign', '*'])],
    ['UNAUTHENTICATED', NOBODY],
  ])('is %s, depending on whether the caller holds what is required', (outcome, caller) => {
    expect(predict(change, caller)).toBe(outcome);
  });

  test('is visible as the rule says', () => {
    const caller = user(['home', 'view_customer'], ['foreign', WRITE]);
    expect(predict({ ...change, seenWith: 'anything' }, caller)).toBe('FORBIDDEN');
    const look: Rule = { needs: 'signed-in', at: 'scope', seenWith: 'anything' };
    expect(predict(look, caller)).toBe('ALLOWED');
    expect(predict(look, user(['foreign', '*']))).toBe('NOT_FOUND');
  });
});

test('permissions required at the root are not held below, and those required anywhere are', () => {
  const below = user(['home', WRITE]);
  expect(predict({ needs: WRITE, at: 'root' }, below)).toBe('FORBIDDEN');
  expect(predict({ needs: WRITE, at: 'anywhere' }, below)).toBe('ALLOWED');
  expect(predict({ needs: ['other', WRITE], at: 'anywhere' }, below)).toBe('ALLOWED');
});

test('operations for keys ignore users, and operations for users are forbidden to keys', () => {
  const key: Caller = { ...user(['root', '*']), kind: 'keys' };
  expect(predict({ needs: 'signed-in', at: 'anywhere', onlyFor: 'users' }, key)).toBe('FORBIDDEN');
  expect(predict({ needs: WRITE, at: 'anywhere', onlyFor: 'keys' }, user(['root', '*']))).toBe(
    'UNAUTHENTICATED',
  );
});

test('answers differ by their code', () => {
  const codes = ['UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND', 'INTERNAL'];
  expect(codes.map((code) => answerOf(code).outcome)).toEqual(codes);
  for (const code of ['BAD_USER_INPUT', undefined]) expect(answerOf(code).outcome).toBe('ALLOWED');
});
