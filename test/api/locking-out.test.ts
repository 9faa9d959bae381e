import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { OWNER, startKeywright, type Keywright } from '../support/servers/start-keywright.js';

const SIGN_IN =
  'mutation ($email: String!, $password: String!) { signIn(email: $email, password: $password) { session { token } } }';

interface Answer {
  /** The code of the error; null: signed in. */
  readonly code: string | null;
  readonly message: string | null;
  readonly retryAfter: string | null;
  readonly cookies: readonly string[];
}

let keywright: Keywright;
beforeAll(async () => {
  keywright = await startKeywright({ env: { KEYWRIGHT_TRUSTED_PROXIES: '127.0.0.1/32' } });
});
beforeEach(() => keywright.database.query('delete from attempt'));
afterAll(() => keywright.stop());

async function signIn(email: string, password: string, ip: string, cookie?: string): Promise<Answer> {
  const response = await fetch(`${keywright.url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-forwarded-for': ip,
      ...(cookie === undefined ? {} : { cookie, origin: keywright.url }),
    },
    body: JSON.stringify({ query: SIGN_IN, variables: { email, password } }),
  });
  const { errors = [] } = (await response.json()) as {
    errors?: { message: string; extensions: { code: string } }[];
  };
  return {
    code: errors[0]?.extensions.code ?? null,
    message: errors[0]?.message ?? null,
    retryAfter: response.headers.get('retry-after'),
    cookies: response.headers.getSetCookie(),
  };
}

const asOwner = (ip: string, cookie?: string): Promise<Answer> =>
  signIn(OWNER.email, OWNER.password, ip, cookie);
const guess = (email: string, ip: string): Promise<Answer> => signIn(email, 'a wrong guess', ip);
const guessOften = (email: string, times: number, ip: (i: number) => string): Promise<Answer[]> =>
  Promise.all(Array.from({ length: times }, (_, i) => guess(email, ip(i))));

/** The cookie of a device on which the owner has signed in. */
async function ownersDevice(): Promise<string> {
  const { cookies } = await asOwner('203.0.113.1');
  return cookies.find((cookie) => cookie.startsWith('keywright_device='))!.split(';')[0]!;
}

describe('wrong guesses of others', () => {
  test('from one address lock out nobody at another address', async () => {
    await guessOften(OWNER.email, 15, () => '198.51.100.7');
    expect((await asOwner('198.51.100.7')).code).toBe('TOO_MANY_ATTEMPTS');
    expect((await asOwner('203.0.113.2')).code).toBeNull();
  });

  test('do not lock out a known device, even behind the same address', async () => {
    const device = await ownersDevice();
    for (let round = 0; round < 4; round++) {
      await guessOften(`nobody${round}@example.test`, 15, () => '198.51.100.8');
    }
    await guessOften(OWNER.email, 15, () => '198.51.100.8');
    expect((await asOwner('198.51.100.8')).code).toBe('TOO_MANY_ATTEMPTS');
    expect((await asOwner('198.51.100.8', device)).code).toBeNull();
  });

  test('from everywhere slow down only unknown devices, equally for nonexistent accounts', async () => {
    const device = await ownersDevice();
    const reported: unknown[] = [];
    for (const email of [OWNER.email, 'nobody@example.test']) {
      // As many as are admitted at a time, each from a new address.
      for (let from = 0; from < 100; from += 20) {
        await guessOften(email, 20, (i) => `198.51.${from}.${i}`);
      }
      const [first, ...others] = await guessOften(email, 6, (i) => `192.0.2.${i}`);
      const answers = [first!, ...others];
      expect(answers.filter(({ code }) => code === 'UNAUTHENTICATED')).toHaveLength(1);
      const refused = answers.filter(({ code }) => code === 'TOO_MANY_ATTEMPTS');
      expect(refused).toHaveLength(5);
      reported.push(refused[0]!.message!.replace(/\d seconds?/, 'n seconds'));
    }
    expect(reported[1]).toBe(reported[0]);
    expect((await asOwner('203.0.113.3', device)).code).toBeNull();
  });
});

test('a device cookie signs nobody in, and exempts no other account', async () => {
  const device = await ownersDevice();
  expect((await signIn(OWNER.email, 'a wrong guess', '203.0.113.4', device)).code).toBe('UNAUTHENTICATED');
  await guessOften('nobody@example.test', 12, () => '198.51.100.9');
  const other = await signIn('nobody@example.test', 'a wrong guess', '198.51.100.9', device);
  expect(other.code).toBe('TOO_MANY_ATTEMPTS');
});

test('sign-ins from 400 networks do not delay a user on a known device', async () => {
  const device = await ownersDevice();
  let compared = 0;
  const flood = Array.from({ length: 400 }, async (_, i) => {
    const { code } = await guess(`account${i}@example.test`, `100.64.${i >> 8}.${i & 255}`);
    if (code === 'UNAUTHENTICATED') compared += 1;
    return code;
  });
  await eventually(() => expect(compared).toBeGreaterThan(3), 60_000);
  const before = compared;
  const { code } = await asOwner('203.0.113.5', device);
  const meanwhile = compared - before;
  const codes = await Promise.all(flood);
  expect(code).toBeNull();
  expect([...new Set(codes)].sort().join()).toMatch(/^(UNAUTHENTICATED|UNAUTHENTICATED,UNAVAILABLE)$/);
  // In order of arrival, all waiting attempts, as many as can wait, would have been checked first.
  expect(meanwhile).toBeLessThan(60);
  // Each rejected attempt is logged in one line, and none as an error.
  const lines = keywright.process.stdout().split('\n');
  expect(lines.filter((line) => line.includes('"level":"error"'))).toEqual([]);
  expect(lines.filter((line) => line.includes('Too many sign-ins at once'))).toHaveLength(
    codes.filter((each) => each === 'UNAVAILABLE').length,
  );
}, 120_000);
