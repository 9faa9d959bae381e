import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { SecretBox } from '../../../core/secret-box.js';
import { isAnswerTo, PENDING_MS, PendingCookie } from './pending-sign-in.js';

const pending = { state: 'the state', nonce: 'the nonce', codeVerifier: 'the verifier', next: '/docs' };
let now = Date.UTC(2026, 10, 24);
const clock = { now: () => now };
const boxOf = (key: Buffer): SecretBox => new SecretBox({ get: () => key }, () => 1);
const box = boxOf(randomBytes(32));
const cookie = new PendingCookie(box, clock, true);
const pairOf = (header: string): string => header.split(';')[0]!;

describe('the cookie of a pending sign-in', () => {
  it('returns its content for ten minutes', () => {
    const pair = pairOf(cookie.write(pending));
    expect(cookie.read(`a=b; ${pair}`)).toMatchObject(pending);
    now += PENDING_MS - 1;
    expect(cookie.read(pair)).toMatchObject(pending);
    now += 1;
    expect(cookie.read(pair)).toBeUndefined();
  });

  it('is bound to the host, hidden from scripts and unreadable', () => {
    const header = cookie.write(pending);
    expect(header).toMatch(
      /^__Host-keywright_oidc=[\w-]+; Max-Age=600; Path=\/; HttpOnly; SameSite=Lax; Secure$/,
    );
    for (const secret of Object.values(pending)) {
      expect(Buffer.from(pairOf(header).split('=')[1]!, 'base64url').includes(secret)).toBe(false);
    }
    expect(cookie.clear()).toBe('__Host-keywright_oidc=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax; Secure');
    expect(new PendingCookie(box, clock, false).write(pending)).toMatch(/^keywright_oidc=[^;]+;(?!.*Secure)/);
  });

  it('is ignored when it is missing, duplicated, altered or sealed with another key', () => {
    const pair = pairOf(cookie.write(pending));
    const changed = pair.slice(0, 60) + (pair[60] === 'A' ? 'B' : 'A') + pair.slice(61);
    const foreign = pairOf(new PendingCookie(boxOf(randomBytes(32)), clock, true).write(pending));
    for (const header of [
      undefined,
      '',
      '__Host-keywright_oidc=',
      '__Host-keywright_oidc=AAAA',
      `${pair}; ${pair}`,
      changed,
      foreign,
      pair.slice(0, -4),
      pair.replace('__Host-', ''),
    ]) {
      expect(cookie.read(header), header).toBeUndefined();
    }
  });
});

describe('an answer of the provider', () => {
  it('belongs to a sign-in only if it has its state', () => {
    expect(isAnswerTo(pending, 'the state')).toBe(true);
    for (const state of [null, '', 'the stat', 'the state ', 'The state', 'ťhe state']) {
      expect(isAnswerTo(pending, state)).toBe(false);
    }
  });
});
