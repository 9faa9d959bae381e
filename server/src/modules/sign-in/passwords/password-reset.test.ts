import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { User } from '../../users/user.js';
import { PasswordReset, type PasswordResetDeps } from './password-reset.js';

const user = { id: 'usr_1', enabled: true, external: false, hasPassword: true } as User;

const LINK = { user, kind: 'RESET', expiresAt: new Date(0) };

let find: (found: { user: User } | null) => void;
let send: ReturnType<typeof vi.fn>;
let log: ReturnType<typeof vi.fn<(message: string) => void>>;
const resets = (deps: Partial<PasswordResetDeps> = {}): PasswordReset =>
  new PasswordReset({
    inTransaction: (work: () => unknown) => work(),
    clock: { now: () => 0 },
    users: { findCredentials: () => new Promise((resolve) => (find = resolve as typeof find)) },
    links: { issue: async () => LINK, send },
    store: { openOf: async () => [null] },
    events: { record: async () => undefined },
    attempts: { countReset: async () => undefined },
    mailEnabled: true,
    log,
    ...deps,
  } as unknown as PasswordResetDeps);

beforeEach(() => {
  send = vi.fn();
  log = vi.fn();
});

describe('a request to reset a password', () => {
  it('is answered before the account is looked up', async () => {
    const reset = resets();
    await reset.request('ada@example.test', null);
    expect(send).not.toHaveBeenCalled();
    find({ user });
    await reset.close();
    expect(send).toHaveBeenCalledWith(LINK);
  });

  it('looks up nothing without a mail server', async () => {
    const findCredentials = vi.fn();
    await resets({ mailEnabled: false, users: { findCredentials } as never }).request(
      'ada@example.test',
      null,
    );
    expect(findCredentials).not.toHaveBeenCalled();
  });

  it('that fails is reported only in the log', async () => {
    const users = { findCredentials: () => Promise.reject(new Error('away')) } as never;
    const reset = resets({ users });
    await reset.request('ada@example.test', null);
    await reset.close();
    expect(log).toHaveBeenCalledWith('A link to reset a password could not be created.', expect.any(Error));
  });

  it('is dropped while twenty are in progress', async () => {
    const reset = resets();
    for (let i = 0; i < 25; i++) await reset.request(`user${i}@example.test`, null);
    expect(log).toHaveBeenCalledTimes(5);
  });
});
