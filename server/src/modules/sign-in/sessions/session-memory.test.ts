import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { LiveSession } from './session.js';
import { SESSION_TTL_MS, SessionMemory } from './session-memory.js';

const session = { id: 'ses_1' } as LiveSession;
let now = 0;
let memory: SessionMemory;
beforeEach(() => {
  now = 1_000_000;
  memory = new SessionMemory({ now: () => now });
});

describe('a cached session', () => {
  it('is read again only after a second', async () => {
    const read = vi.fn(async () => session);
    await Promise.all([memory.get('a', read), memory.get('a', read)]);
    now += SESSION_TTL_MS - 1;
    expect(await memory.get('a', read)).toBe(session);
    expect(read).toHaveBeenCalledTimes(1);
    now += 1;
    await memory.get('a', read);
    expect(read).toHaveBeenCalledTimes(2);
  });

  it('is read again after the clock was set back', async () => {
    const read = vi.fn(async () => session);
    await memory.get('a', read);
    now -= 3_600_000;
    await memory.get('a', read);
    expect(read).toHaveBeenCalledTimes(2);
  });

  it('is evicted when a session ends, even while it is being read', async () => {
    let answer!: (found: LiveSession | null) => void;
    const early = memory.get('a', () => new Promise((resolve) => (answer = resolve)));
    memory.forget();
    answer(session);
    expect(await early).toBe(session);
    expect(await memory.get('a', async () => null)).toBeNull();
  });
});

it('is stored neither for unknown tokens nor for failures', async () => {
  expect(await memory.get('a', async () => null)).toBeNull();
  await expect(memory.get('a', async () => Promise.reject(new Error('away')))).rejects.toThrow('away');
  expect(await memory.get('a', async () => session)).toBe(session);
});
