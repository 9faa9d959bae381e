import type { Transaction } from '../../../core/transaction.js';
import { beforeEach, expect, it, vi } from 'vitest';
import type { User } from '../../users/user.js';
import type { UserCredentials } from '../../users/user-store.js';
import type { SessionRequestContext } from './session-context.js';
import { SignIn, type SignInDeps } from './sign-in.js';

const HASH = 'the hash of the password';
const context = {
  principal: null,
  ip: null,
  device: { idFor: () => null },
} as unknown as SessionRequestContext;

let matches: ReturnType<typeof vi.fn<(stored: string | null, password: string) => Promise<boolean>>>;
let found: UserCredentials | null;
let locked: UserCredentials | null;
let signIn: SignIn;

const credentials = (facts: Partial<User> = {}, passwordHash: string | null = HASH): UserCredentials => ({
  user: { id: 'usr_1', enabled: true, external: false, ...facts } as User,
  passwordHash,
});

beforeEach(() => {
  matches = vi.fn(async (stored, password) => stored === HASH && password === 'right');
  locked = found = credentials();
  const tx = {} as Transaction;
  signIn = new SignIn({
    clock: { now: () => 0 },
    attempts: { begin: async () => ({ known: false }), succeed: async () => undefined },
    users: { findCredentials: async () => found, lock: async () => locked },
    passwords: { matches },
    secondFactor: { isActive: async () => false },
    sessions: {
      signIn: (_context: unknown, work: (m: Transaction) => Promise<unknown>) => work(tx),
      replace: async () => undefined,
      start: async () => ({ id: 'ses_1' }),
    },
  } as unknown as SignInDeps);
});

const REFUSAL = { code: 'UNAUTHENTICATED', message: 'Wrong e-mail or password.' };

it.each([
  ['does not exist', null, 'right'],
  ['has another password', credentials(), 'wrong'],
  ['is disabled', credentials({ enabled: false }), 'right'],
  ['signs in elsewhere', credentials({ external: true }), 'right'],
  ['has chosen no password', credentials({}, null), 'right'],
])('rejects an account that %s with one message, after one comparison', async (_, account, password) => {
  found = account;
  await expect(signIn.withPassword('a@example.test', password, context)).rejects.toMatchObject(REFUSAL);
  expect(matches).toHaveBeenCalledTimes(1);
});

it.each([
  ['was removed', null],
  ['was disabled', credentials({ enabled: false })],
  ['got a new password', credentials({}, 'another hash')],
  ['lost its password', credentials({}, null)],
])('rejects an account that %s while its password was compared', async (_, account) => {
  locked = account;
  await expect(signIn.withPassword('a@example.test', 'right', context)).rejects.toMatchObject(REFUSAL);
});

it('starts a session otherwise', async () => {
  const outcome = await signIn.withPassword('a@example.test', 'right', context);
  expect(outcome).toEqual({ session: { id: 'ses_1' } });
});
