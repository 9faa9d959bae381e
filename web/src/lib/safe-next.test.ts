import { expect, it } from 'vitest';
import { safeNext } from './safe-next.js';

it('keeps paths of this site', () => {
  expect(safeNext('/keys/key_1?tab=logs')).toBe('/keys/key_1?tab=logs');
});

it.each([
  '//evil.test',
  'https://evil.test',
  '/\\evil.test',
  '/\t/evil.test',
  'javascript:x',
  '/sign-in',
  '/choose-password#token=x',
  '/auth/oidc/start',
  undefined,
  ['/a'],
])('rejects %j', (next) => expect(safeNext(next)).toBe('/keys'));
