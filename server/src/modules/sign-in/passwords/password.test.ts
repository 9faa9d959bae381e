import { describe, expect, it } from 'vitest';
import { checkNewPassword, NOBODY_HASH, PasswordHasher, type HashPriority } from './password.js';

const hasher = new PasswordHasher();

describe('a stored password', () => {
  it('is an argon2id hash with its own salt, and matches only itself', async () => {
    const [one, two] = await Promise.all([
      hasher.hash('correct horse battery'),
      hasher.hash('correct horse battery'),
    ]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(one).not.toBe(two);
    expect(await hasher.matches(one, 'correct horse battery', 'UNKNOWN')).toBe(true);
    expect(await hasher.matches(one, 'correct horse batterY', 'UNKNOWN')).toBe(false);
    expect(await hasher.matches(one, ' correct horse battery', 'UNKNOWN')).toBe(false);
  });

  it('never matches for an unknown account, at the same cost as for a known one', async () => {
    const parametersOf = (hash: string): string => hash.split('$').slice(0, 4).join('$');
    const stored = await hasher.hash('correct horse battery');
    expect(parametersOf(NOBODY_HASH)).toBe(parametersOf(stored));
    expect(NOBODY_HASH.length).toBe(stored.length);
    expect(await hasher.matches(null, 'correct horse battery', 'UNKNOWN')).toBe(false);
  });

  it('is compared two at a time, and excess requests are rejected instead of queued without limit', async () => {
    const small = new PasswordHasher(3);
    const results = await Promise.allSettled(
      Array.from({ length: 9 }, () => small.matches(null, 'guess', 'UNKNOWN')),
    );
    const refused = results.filter((result) => result.status === 'rejected');
    expect(refused).toHaveLength(4);
    expect(refused[0]).toMatchObject({ reason: { code: 'UNAVAILABLE' } });
    expect(await small.matches(null, 'guess', 'UNKNOWN')).toBe(false);
  });

  it('is compared for known people before all others, and for the others last in, first out', async () => {
    const small = new PasswordHasher(7);
    const order: string[] = [];
    const ask = (name: string, priority: HashPriority): Promise<unknown> =>
      small.matches(null, 'guess', priority).then(
        () => order.push(name),
        () => order.push(`${name} turned away`),
      );
    await Promise.all([
      ...['1', '2', '3', '4', '5', '6', '7', '8', '9', '10'].map((name) => ask(name, 'UNKNOWN')),
      ask('known', 'KNOWN'),
    ]);
    const rank = (name: string): number => order.indexOf(name);
    expect(order).toContain('3 turned away');
    // Two are compared at a time, so that one overtakes another while its thread gets no processor.
    expect(rank('known')).toBeLessThan(rank('5'));
    expect(rank('10')).toBeLessThan(rank('4'));
    expect(rank('9')).toBeLessThan(rank('4'));
  });
});

describe('a new password', () => {
  it.each(['a'.repeat(11), 'a'.repeat(201), `${'a'.repeat(20)}\u0000`, `${'a'.repeat(20)}\ud800`])(
    'is rejected: %j',
    (text) => {
      expect(() => checkNewPassword(text)).toThrow(/12 to 200/);
    },
  );

  it.each(['a'.repeat(12), 'a'.repeat(200), '🔑'.repeat(12), '            '])('is accepted: %j', (text) => {
    expect(() => checkNewPassword(text)).not.toThrow();
  });
});
