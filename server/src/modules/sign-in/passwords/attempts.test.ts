import { beforeEach, describe, expect, it } from 'vitest';
import {
  accountSubject,
  addressSubject,
  ACCOUNT_WINDOW_MS,
  ATTEMPT_WINDOW_MS,
  Attempts,
  CODE_WINDOW_MS,
  SLOT_MS,
  type AttemptStore,
  type GuessSource,
} from './attempts.js';

let now = 0;
let attempts: Attempts;

function memoryStore(): AttemptStore {
  const rows = new Map<string, { failures: number; windowEndsAt: Date }>();
  return {
    add: async (subject, at, windowEndsAt) => {
      const row = rows.get(subject);
      const next =
        row && row.windowEndsAt > at ? { ...row, failures: row.failures + 1 } : { failures: 1, windowEndsAt };
      rows.set(subject, next);
      return next;
    },
    takeBack: async (subject) => {
      const row = rows.get(subject);
      if (row) rows.set(subject, { ...row, failures: row.failures - 1 });
    },
    forget: async (subject) => void rows.delete(subject),
    forgetAll: async (subject) => {
      for (const key of [...rows.keys()].filter((key) => `${key} `.startsWith(`${subject} `)))
        rows.delete(key);
    },
    prune: async () => rows.clear(),
  };
}

beforeEach(() => {
  now = Date.UTC(2027, 0, 1);
  attempts = new Attempts(memoryStore(), { now: () => now });
});

const from = (ip: string | null = '203.0.113.9', device: string | null = null): GuessSource => ({
  ip,
  device,
});
const guesses = async (count: number, email: (i: number) => string, source = from()): Promise<number> => {
  const results = await Promise.allSettled(
    Array.from({ length: count }, (_, i) => attempts.begin(email(i), source)),
  );
  return results.filter((result) => result.status === 'fulfilled').length;
};

describe('guesses', () => {
  it('are limited to ten per account and address, even in parallel', async () => {
    expect(await guesses(40, () => 'ada@example.test')).toBe(10);
  });

  it('are limited to fifty per address over all accounts', async () => {
    expect(await guesses(80, (i) => `user${i}@example.test`)).toBe(50);
    expect(await guesses(1, () => 'other@example.test', from('203.0.113.10'))).toBe(1);
  });

  it('report how long to wait, and restart after the window', async () => {
    await guesses(10, () => 'ada@example.test');
    now += 60_000;
    await expect(attempts.begin('ADA@example.test ', from())).rejects.toMatchObject({
      code: 'TOO_MANY_ATTEMPTS',
      retryAfterSeconds: ATTEMPT_WINDOW_MS / 1000 - 60,
    });
    now += ATTEMPT_WINDOW_MS;
    await expect(attempts.begin('ada@example.test', from())).resolves.toMatchObject({ known: false });
  });

  it('that are correct reset the count of the account, but not that of the address', async () => {
    await guesses(49, (i) => `user${i}@example.test`);
    await attempts.succeed(await attempts.begin('own@example.test', from()));
    expect(await guesses(5, (i) => `more${i}@example.test`)).toBe(1);
  });
});

const outcomes = async (count: number, attempt: () => Promise<unknown>): Promise<number> => {
  const results = await Promise.allSettled(Array.from({ length: count }, attempt));
  return results.filter((result) => result.status === 'fulfilled').length;
};

describe('guesses of others', () => {
  const ada = (): string => 'ada@example.test';
  const fromEverywhere = async (count: number): Promise<number> => {
    let passed = 0;
    for (let i = 0; i < count; i++) passed += await guesses(1, ada, from(`198.51.${i >> 8}.${i & 255}`));
    return passed;
  };

  it('from one address lock out nobody at another', async () => {
    await guesses(40, ada);
    expect(await guesses(1, ada, from('203.0.113.10'))).toBe(1);
  });

  it('are limited to one in two seconds after a hundred, except from a known device', async () => {
    expect(await fromEverywhere(140)).toBe(101);
    expect(await guesses(1, ada, from('203.0.113.10', 'laptop'))).toBe(1);
    await expect(attempts.begin('ada@example.test', from('203.0.113.10'))).rejects.toMatchObject({
      retryAfterSeconds: SLOT_MS / 1000,
      message: 'Too many attempts. Try again in 2 seconds.',
    });
    now += SLOT_MS;
    expect(await fromEverywhere(40)).toBe(1);
    now += ACCOUNT_WINDOW_MS;
    expect(await fromEverywhere(90)).toBe(90);
  });

  it('that were rejected do not count', async () => {
    await fromEverywhere(101);
    for (let i = 0; i < 60; i++) await guesses(1, ada);
    now += SLOT_MS;
    expect(await guesses(1, ada)).toBe(1);
  });

  it('do not use up the ten of a known device, which then counts like any other', async () => {
    expect(await guesses(80, (i) => `user${i}@example.test`)).toBe(50);
    expect(await guesses(12, ada, from('203.0.113.9', 'laptop'))).toBe(10);
    expect(await guesses(40, ada, from('203.0.113.10', 'laptop'))).toBe(10);
    const code = (device: string): Promise<unknown> =>
      attempts.beginCode('usr_1', from('203.0.113.11', device));
    expect(await outcomes(20, () => attempts.beginCode('usr_1', from('203.0.113.12')))).toBe(10);
    expect(await outcomes(12, () => code('laptop'))).toBe(10);
  });

  it('are cleared for every address by a new password', async () => {
    await guesses(10, ada);
    await fromEverywhere(120);
    await attempts.forgetAccount('ada@example.test');
    expect(await guesses(20, ada)).toBe(10);
  });
});

describe('guesses at one-time codes', () => {
  it('are limited to ten per user and hour, even with the right password', async () => {
    const guess = (): Promise<unknown> => attempts.beginCode('usr_1', from());
    expect(await outcomes(20, guess)).toBe(10);
    await attempts.succeed(await attempts.begin('ada@example.test', from()));
    now += ATTEMPT_WINDOW_MS;
    expect(await outcomes(1, guess)).toBe(0);
    now += CODE_WINDOW_MS;
    expect(await outcomes(1, guess)).toBe(1);
  });

  it('share the limit of their address with passwords', async () => {
    await guesses(45, (i) => `user${i}@example.test`);
    let user = 0;
    expect(await outcomes(10, () => attempts.beginCode(`usr_${user++}`, from()))).toBe(5);
  });

  it('that are correct reset the count', async () => {
    await outcomes(9, () => attempts.beginCode('usr_1', from(null)));
    await attempts.succeed(await attempts.beginCode('usr_1', from(null)));
    expect(await outcomes(12, () => attempts.beginCode('usr_1', from(null)))).toBe(10);
  });
});

describe('e-mails to reset a password', () => {
  it('are limited to five per account, and lock nobody out of signing in', async () => {
    expect(await outcomes(9, () => attempts.countReset('ada@example.test', '203.0.113.9'))).toBe(5);
    expect(await guesses(1, () => 'ada@example.test')).toBe(1);
  });
});

describe('subjects', () => {
  it('count IPv6 by /64 and mapped addresses as IPv4', () => {
    expect(addressSubject('2001:db8:0:7::1')).toBe(addressSubject('2001:0db8::7:ffff:0:0:2'));
    expect(addressSubject('2001:db8:0:8::1')).not.toBe(addressSubject('2001:db8:0:7::1'));
    expect(addressSubject('::ffff:203.0.113.9')).toBe(addressSubject('203.0.113.9'));
    expect(addressSubject('::1')).toBe('address:0:0:0:0');
    expect(addressSubject(null)).toBe('address:unknown');
  });

  it('are bounded in size', () => {
    expect(accountSubject('a'.repeat(100_000))).toHaveLength(73);
  });
});
