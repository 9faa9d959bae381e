import { beforeEach, describe, expect, it } from 'vitest';
import {
  accountSubject,
  addressSubject,
  ATTEMPT_WINDOW_MS,
  Attempts,
  CODE_WINDOW_MS,
  type AttemptStore,
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
    prune: async () => rows.clear(),
  };
}

beforeEach(() => {
  now = Date.UTC(2027, 0, 1);
  attempts = new Attempts(memoryStore(), { now: () => now });
});

const guesses = async (count: number, email: (i: number) => string, ip = '203.0.113.9'): Promise<number> => {
  const results = await Promise.allSettled(
    Array.from({ length: count }, (_, i) => attempts.begin(email(i), ip)),
  );
  return results.filter((result) => result.status === 'fulfilled').length;
};

describe('guesses', () => {
  it('get ten tries an account, however many run at once', async () => {
    expect(await guesses(40, () => 'ada@example.test')).toBe(10);
  });

  it('get fifty tries an address over all accounts', async () => {
    expect(await guesses(80, (i) => `user${i}@example.test`)).toBe(50);
    expect(await guesses(1, () => 'other@example.test', '203.0.113.10')).toBe(1);
  });

  it('say how long to wait, and start afresh after the window', async () => {
    await guesses(10, () => 'ada@example.test');
    now += 60_000;
    await expect(attempts.begin('ADA@example.test ', '203.0.113.9')).rejects.toMatchObject({
      code: 'TOO_MANY_ATTEMPTS',
      retryAfterSeconds: ATTEMPT_WINDOW_MS / 1000 - 60,
    });
    now += ATTEMPT_WINDOW_MS;
    await expect(attempts.begin('ada@example.test', '203.0.113.9')).resolves.toBeUndefined();
  });

  it('that were right free the account, but wash no address clean', async () => {
    await guesses(49, (i) => `user${i}@example.test`);
    await attempts.begin('own@example.test', '203.0.113.9');
    await attempts.succeed('own@example.test', '203.0.113.9');
    expect(await guesses(5, (i) => `more${i}@example.test`)).toBe(1);
  });
});

const outcomes = async (count: number, attempt: () => Promise<void>): Promise<number> => {
  const results = await Promise.allSettled(Array.from({ length: count }, attempt));
  return results.filter((result) => result.status === 'fulfilled').length;
};

describe('guesses at one-time codes', () => {
  it('get ten tries a user in an hour, whatever the password says', async () => {
    const guess = (): Promise<void> => attempts.beginCode('usr_1', '203.0.113.9');
    expect(await outcomes(20, guess)).toBe(10);
    await attempts.begin('ada@example.test', '203.0.113.9');
    await attempts.succeed('ada@example.test', '203.0.113.9');
    now += ATTEMPT_WINDOW_MS;
    expect(await outcomes(1, guess)).toBe(0);
    now += CODE_WINDOW_MS;
    expect(await outcomes(1, guess)).toBe(1);
  });

  it('share the tries of their address with passwords', async () => {
    await guesses(45, (i) => `user${i}@example.test`);
    let user = 0;
    expect(await outcomes(10, () => attempts.beginCode(`usr_${user++}`, '203.0.113.9'))).toBe(5);
  });

  it('that were right start afresh', async () => {
    await outcomes(9, () => attempts.beginCode('usr_1', null));
    await attempts.succeedCode('usr_1', null);
    expect(await outcomes(12, () => attempts.beginCode('usr_1', null))).toBe(10);
  });
});

describe('e-mails to reset a password', () => {
  it('are five an account, and lock nobody out of signing in', async () => {
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
    expect(accountSubject('a'.repeat(100_000))).toHaveLength(72);
  });
});
