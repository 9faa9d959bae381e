import { expect, it } from 'vitest';
import type { IssuedLink } from '../sign-in/passwords/password-link.js';
import type { User } from '../users/user.js';
import { passwordMail } from './password-mail.js';

const link = (facts: Partial<IssuedLink> = {}): IssuedLink => ({
  url: 'https://keys.example.test/choose-password#token=abc&x',
  kind: 'INVITATION',
  user: { name: 'Ada', email: 'ada@example.test' } as User,
  by: { kind: 'USER', id: 'usr_2', name: 'Grace' },
  tokenHash: Buffer.alloc(32),
  expiresAt: new Date(Date.UTC(2027, 0, 4, 5, 6)),
  mailed: false,
  ...facts,
});

it('names the inviter, the link and the expiry', () => {
  const { to, subject, text } = passwordMail(link());
  expect(to).toEqual({ name: 'Ada', address: 'ada@example.test' });
  expect(subject).toBe('You are invited to Keywright');
  expect(text).toBe(
    [
      'Hello Ada,',
      'Grace invited you to Keywright. Choose a password to sign in:',
      'https://keys.example.test/choose-password#token=abc&x',
      'The link works once and expires on 4 January 2027, 05:06 UTC.',
      'If you did not expect this, ignore this e-mail.\n',
    ].join('\n\n'),
  );
});

it('does not mention a password to a person who may already have an account', () => {
  const { subject, text } = passwordMail({ ...link(), kind: 'OFFER' });
  expect(subject).toBe('You are invited to Keywright');
  expect(text).toContain('Grace invited you to Keywright. Open this link to accept:');
  expect(text).not.toMatch(/password to/i);
});

it('names nobody in a reset, which anyone can request', () => {
  const { subject, text } = passwordMail(link({ kind: 'RESET' }));
  expect(subject).toBe('Choose a new password for Keywright');
  expect(text).not.toContain('Grace');
});

it('shows markup in names as plain text', () => {
  const user = { name: '<img src=x onerror="y">', email: 'ada@example.test' } as User;
  const { html } = passwordMail(link({ user, by: { kind: 'USER', id: null, name: `<b>&'` } }));
  expect(html).toContain('Hello &lt;img src=x onerror=&quot;y&quot;&gt;,');
  expect(html).toContain('&lt;b&gt;&amp;&#39; invited you');
  expect(html).toContain('href="https://keys.example.test/choose-password#token=abc&amp;x"');
});
