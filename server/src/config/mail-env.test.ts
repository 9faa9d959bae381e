import { describe, expect, it } from 'vitest';
import { ConfigError, readConfig } from './env.js';

function faultsOf(environment: Record<string, string>): readonly string[] {
  try {
    readConfig(environment);
    return [];
  } catch (error) {
    return (error as ConfigError).faults;
  }
}

describe('e-mail settings', () => {
  it('are off by default', () => {
    expect(readConfig({}).mail).toBeUndefined();
    expect(readConfig({ SMTP_URL: ' ', MAIL_FROM: '' }).mail).toBeUndefined();
  });

  it.each([
    ['keys@example.test', { name: 'Keywright', address: 'keys@example.test' }],
    ['Keys of Example <keys@example.test>', { name: 'Keys of Example', address: 'keys@example.test' }],
    ['<keys@example.test>', { name: 'Keywright', address: 'keys@example.test' }],
  ])('accept %s as a sender', (MAIL_FROM, from) => {
    const SMTP_URL = 'smtps://user:pass@mail.example.test:465';
    expect(readConfig({ SMTP_URL, MAIL_FROM }).mail).toEqual({ smtpUrl: SMTP_URL, from });
  });

  it.each([
    'nobody',
    'a@b@c',
    'Name keys@example.test',
    'A <a@b.test>, B <b@b.test>',
    'A\r\nBcc: x <a@b.test>',
  ])('reject %j as a sender', (MAIL_FROM) => {
    expect(faultsOf({ SMTP_URL: 'smtp://mail.example.test', MAIL_FROM })).toEqual([
      expect.stringMatching(/^MAIL_FROM must be an e-mail address/),
    ]);
  });

  it.each(['mail.example.test', 'http://mail.example.test', 'smtp://', 'smtp'])(
    'reject %j as a server',
    (url) => {
      expect(faultsOf({ SMTP_URL: url, MAIL_FROM: 'keys@example.test' })).toEqual([
        expect.stringMatching(/^SMTP_URL must be a URL/),
      ]);
    },
  );

  it('require each other, and are reported with all other errors', () => {
    expect(
      faultsOf({ SMTP_URL: 'smtp://mail.example.test', PORT: 'x', KEYWRIGHT_ADMIN_EMAIL: 'a@b.test' }),
    ).toEqual([
      expect.stringMatching(/^PORT /),
      expect.stringMatching(/^KEYWRIGHT_ADMIN_EMAIL and /),
      'SMTP_URL and MAIL_FROM must be set together.',
    ]);
    expect(faultsOf({ MAIL_FROM: 'keys@example.test' })).toHaveLength(1);
  });
});
