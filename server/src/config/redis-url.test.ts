import { describe, expect, it } from 'vitest';
import { ConfigError, readConfig } from './env.js';

describe('REDIS_URL', () => {
  it('is empty by default', () => {
    expect(readConfig({}).redisUrl).toBeUndefined();
  });

  it.each([
    'redis://127.0.0.1:6379',
    'rediss://keys:p%40ss@redis.example.test/2',
    'redis://:secret@[::1]:7000/',
  ])('can be %s', (REDIS_URL) => {
    expect(readConfig({ REDIS_URL }).redisUrl).toBe(REDIS_URL);
  });

  it.each([
    'redis.example.test:6379',
    'http://:hidden@redis.example.test',
    'redis://:hidden@',
    'redis://:hidden@host/name',
    'redis://:hidden%ZZ@host',
    'redis://:hidden@host?db=1',
    'redis://:hidden@host:99999',
  ])('cannot be %s, and is not repeated', (REDIS_URL) => {
    let faults: readonly string[] = [];
    try {
      readConfig({ REDIS_URL });
    } catch (error) {
      ({ faults } = error as ConfigError);
    }
    expect(faults).toEqual([expect.stringMatching(/^REDIS_URL must be a URL/)]);
    expect(faults[0]).not.toContain('hidden');
  });
});
