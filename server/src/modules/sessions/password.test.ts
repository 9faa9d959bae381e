import { describe, expect, it } from 'vitest';
import { checkNewPassword, PasswordHasher } from './password.js';

const hasher = new PasswordHasher();

describe('a stored password', () => {
  it('is an argon2id hash with its own salt, and matches only itself', async () => {
    const [one, two] = await Promise.all([
      hasher.hash('correct horse battery'),
      hasher.hash('correct horse battery'),
    ]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(one).not.toBe(two);
    expect(await hasher.matches(one, 'correct horse battery')).toBe(true);
    expect(await hasher.matches(one, 'correct horse batterY')).toBe(false);
    expect(await hasher.matches(one, ' correct horse battery')).toBe(false);
  });

  it('never matches for an account that does not exist, and costs the same work', async () => {
    const stored = await hasher.hash('correct horse battery');
    const time = async (hash: string | null): Promise<number> => {
      const times: number[] = [];
      for (let i = 0; i < 5; i++) {
        const start = process.hrtime.bigint();
        expect(await hasher.matches(hash, 'wrong guess 000')).toBe(false);
        times.push(Number(process.hrtime.bigint() - start));
      }
      return Math.min(...times);
    };
    const ratio = (await time(null)) / (await time(stored));
    expect(ratio).toBeGreaterThan(0.2);
    expect(ratio).toBeLessThan(5);
  });

  it('is compared two at a time, and a crowd is turned away instead of queued without end', async () => {
    const crowd = Array.from({ length: 110 }, () => hasher.matches(null, 'guess'));
    const results = await Promise.allSettled(crowd);
    const refused = results.filter((r) => r.status === 'rejected');
    expect(refused.length).toBe(8);
    expect(refused[0]).toMatchObject({ reason: { code: 'UNAVAILABLE' } });
    expect(await hasher.matches(null, 'guess')).toBe(false);
  });
});

describe('a new password', () => {
  it.each(['a'.repeat(11), 'a'.repeat(201), `${'a'.repeat(20)}\u0000`, `${'a'.repeat(20)}\ud800`])(
    'is refused: %j',
    (text) => {
      expect(() => checkNewPassword(text)).toThrow(/12 to 200/);
    },
  );

  it.each(['a'.repeat(12), 'a'.repeat(200), '🔑'.repeat(12), '            '])('is accepted: %j', (text) => {
    expect(() => checkNewPassword(text)).not.toThrow();
  });
});
