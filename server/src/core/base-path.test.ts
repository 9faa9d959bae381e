import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { API_ROOTS, basePathOf, publicUrlFault, withoutBasePath } from './base-path.js';

describe('a public URL', () => {
  it.each([
    ['https://keys.example.test', ''],
    ['https://keys.example.test/', ''],
    ['https://example.test/kw', '/kw'],
    ['https://example.test/kw/', '/kw'],
    ['http://127.0.0.1:8000/tools/key-wright_2//', '/tools/key-wright_2'],
    ['https://example.test/api/keys', '/api/keys'],
    ['https://example.test/v1.2', '/v1.2'],
  ])('%s has the base path "%s"', (url, path) => {
    expect(publicUrlFault(url)).toBeUndefined();
    expect(basePathOf(url)).toBe(path);
  });

  it.each([
    ['keys.example.test', 'must be an http or https URL'],
    ['ftp://example.test/', 'must be an http or https URL'],
    ['https:///kw', 'must be an http or https URL'],
    ['https://example.test/kw?a', 'must not contain'],
    ['https://example.test/#kw', 'must not contain'],
    ['https://me:secret@example.test/', 'must not contain'],
    ['https://example.test/a/../kw', 'must have no path, or one of letters'],
    ['https://example.test/a//kw', 'must have no path, or one of letters'],
    ['https://example.test//kw', 'must have no path, or one of letters'],
    ['https://example.test/k;w', 'must have no path, or one of letters'],
    ['https://example.test/schl%C3%BCssel', 'must have no path, or one of letters'],
    ['https://example.test/schlüssel', 'must have no path, or one of letters'],
    ['https://example.test/"><script>', 'must have no path, or one of letters'],
    ['https://example.test/v1', 'starts with /v1'],
    ['https://example.test/auth/keys/', 'starts with /auth'],
  ])('cannot be %s', (url, fault) => {
    expect(publicUrlFault(url)).toContain(fault);
  });
});

it('API_ROOTS lists the first segments of all API paths', () => {
  const file = new URL('../../../schema/routes.json', import.meta.url);
  const routes = JSON.parse(readFileSync(file, 'utf8')) as { path: string }[];
  const roots = new Set(routes.map(({ path }) => path.split('/')[1]!).filter((root) => root !== '*'));
  expect([...roots, 'assets'].toSorted()).toEqual(API_ROOTS.toSorted());
});

it.each([
  ['/kw/graphql', '/graphql'],
  ['/kw/', '/'],
  ['/kw', '/'],
  ['/kw?a=/kw/b', '/?a=/kw/b'],
  ['/kw/kw/x', '/kw/x'],
  ['/graphql', '/graphql'],
  ['/kwx/graphql', '/kwx/graphql'],
  ['/x/kw/graphql', '/x/kw/graphql'],
  ['/KW/graphql', '/KW/graphql'],
])('strips the base path from %s: %s', (url, path) => {
  expect(withoutBasePath(url, '/kw')).toBe(path);
  expect(withoutBasePath(url, '')).toBe(url);
});
