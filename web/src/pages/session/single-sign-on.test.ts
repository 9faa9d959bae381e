import { expect, it } from 'vitest';
import { singleSignOnLink, singleSignOnProblem } from './single-sign-on.js';

it('describes every known problem, and has a text for unknown ones', () => {
  expect(singleSignOnProblem('disabled')).toContain('disabled');
  expect(singleSignOnProblem('something_new')).toContain('Sign-in failed');
  expect(singleSignOnProblem(undefined)).toBe('');
  expect(singleSignOnProblem(['denied'])).toBe('');
});

it('returns to the requested page, on this site only', () => {
  expect(singleSignOnLink('/users?q=a b')).toBe('/auth/oidc/start?next=%2Fusers%3Fq%3Da%20b');
  expect(singleSignOnLink('//evil.test')).toBe('/auth/oidc/start?next=%2Fkeys');
});
