import { expect, it } from 'vitest';
import { cookieForm } from './cookie.js';

it('binds a cookie to its host, or to its base path', () => {
  expect(cookieForm('c', true, '')).toEqual({
    name: '__Host-c',
    attributes: '; Path=/; HttpOnly; SameSite=Lax; Secure',
  });
  expect(cookieForm('c', false, '')).toEqual({ name: 'c', attributes: '; Path=/; HttpOnly; SameSite=Lax' });
  expect(cookieForm('c', true, '/kw')).toEqual({
    name: '__Secure-c_kw',
    attributes: '; Path=/kw; HttpOnly; SameSite=Lax; Secure',
  });
});

it('never uses the same name in two installations whose cookies a browser sends to the same path', () => {
  const nested = ['', '/kw', '/kw/two', '/kw/two/three'];
  for (const secure of [true, false]) {
    const names = nested.map((path) => cookieForm('c', secure, path).name);
    expect(new Set(names).size).toBe(nested.length);
  }
});
