import { describe, expect, it } from 'vitest';
import { SessionCookie } from './session-cookie.js';

const expiresAt = new Date(Date.UTC(2027, 0, 8));

describe('the session cookie', () => {
  it('is HttpOnly and SameSite=Lax, and Secure under https', () => {
    expect(new SessionCookie(false).write('t', expiresAt)).toBe(
      'keywright_session=t; Expires=Fri, 08 Jan 2027 00:00:00 GMT; Path=/; HttpOnly; SameSite=Lax',
    );
    expect(new SessionCookie(true).write('t', expiresAt)).toBe(
      '__Host-keywright_session=t; Expires=Fri, 08 Jan 2027 00:00:00 GMT; Path=/; HttpOnly; SameSite=Lax; Secure',
    );
    expect(new SessionCookie(false).clear()).toMatch(/^keywright_session=; Max-Age=0; Path=\//);
  });

  it('is read by its exact name, once', () => {
    const cookie = new SessionCookie(false);
    expect(cookie.read('a=b; keywright_session=token; c=d')).toBe('token');
    expect(cookie.read('xkeywright_session=token')).toBeUndefined();
    expect(cookie.read('keywright_session=one; keywright_session=two')).toBeUndefined();
    expect(cookie.read(undefined)).toBeUndefined();
  });
});
