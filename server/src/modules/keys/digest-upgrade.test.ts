import { describe, expect, it, vi } from 'vitest';
import { DigestUpgradeFlusher } from './digest-upgrade-flusher.js';
import { DigestUpgrades, type DigestUpgrade } from './digest-upgrade.js';
import { digestToken } from './token.js';

const pepperOf = (id: number): Buffer => Buffer.alloc(32, id);
const peppers = { get: (id: number) => (id > 0 && id < 100 ? pepperOf(id) : undefined) };
const ids = { pepperId: 2 };
const token = 'the token';
const stored = (apiKeyId: string, pepperId = 1) => ({
  apiKeyId,
  digest: digestToken(pepperOf(pepperId), token),
  pepperId,
});

describe('a key that proves its secret', () => {
  it('gets a digest under the current pepper, on condition of the old one', () => {
    const upgrades = new DigestUpgrades(peppers, ids);
    upgrades.record(stored('key_1'), token);
    upgrades.record(stored('key_1'), token);
    expect(upgrades.next(10)).toEqual([
      {
        apiKeyId: 'key_1',
        digest: digestToken(pepperOf(2), token),
        pepperId: 2,
        before: { digest: digestToken(pepperOf(1), token), pepperId: 1 },
      },
    ]);
  });

  it.each([2, 3])('is unchanged with pepper %d', (pepperId) => {
    const upgrades = new DigestUpgrades(peppers, ids);
    upgrades.record(stored('key_1', pepperId), token);
    expect(upgrades.size).toBe(0);
  });

  it('is skipped, not rejected, if there is no such pepper or too many keys wait', () => {
    new DigestUpgrades(peppers, { pepperId: 100 }).record(stored('key_1'), token);
    const upgrades = new DigestUpgrades(peppers, ids);
    for (let i = 0; i < 10_100; i++) upgrades.record(stored(`key_${i}`), token);
    expect(upgrades.size).toBe(10_000);
  });
});

describe('writing', () => {
  const waiting = (count: number): DigestUpgrades => {
    const upgrades = new DigestUpgrades(peppers, ids);
    for (let i = 0; i < count; i++) upgrades.record(stored(`key_${i}`), token);
    return upgrades;
  };

  it('continues in batches until nothing is waiting, also on close', async () => {
    const upgrades = waiting(1100);
    const sizes: number[] = [];
    const write = async (batch: readonly DigestUpgrade[]): Promise<void> => void sizes.push(batch.length);
    await new DigestUpgradeFlusher(upgrades, { write }, vi.fn()).close();
    expect(sizes).toEqual([500, 500, 100]);
    expect(upgrades.size).toBe(0);
  });

  it('keeps what could not be written, and logs it once', async () => {
    const upgrades = waiting(3);
    const write = vi.fn().mockRejectedValueOnce(new Error('away')).mockRejectedValueOnce(new Error('away'));
    const log = vi.fn();
    const flusher = new DigestUpgradeFlusher(upgrades, { write }, log);
    await flusher.flush();
    await flusher.flush();
    expect(upgrades.size).toBe(3);
    expect(log).toHaveBeenCalledTimes(1);
    await flusher.flush();
    expect(upgrades.size).toBe(0);
  });
});
