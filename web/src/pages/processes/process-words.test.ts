import { describe, expect, it } from 'vitest';
import { concerns, formatBytes, type Process } from './process-words.js';

const NOW = Date.parse('2027-03-01T12:00:00Z');
const process = (over: Partial<Process> = {}): Process => ({
  id: 'a',
  role: 'ALL',
  host: 'one',
  version: '1.0.0',
  startedAt: '2027-03-01T11:00:00Z',
  seenAt: '2027-03-01T11:59:59Z',
  keys: 5,
  backlogBytes: 0,
  lostCount: 0,
  lostCountIsMinimum: false,
  redis: 'NONE',
  databaseChanges: 0,
  databaseChangedAt: null,
  hearsNotifications: true,
  redisFaults: [],
  ...over,
});

describe('bytes', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 KB'],
    [99_960, '100 KB'],
    [999_499, '999 KB'],
    [999_501, '1.0 MB'],
    [32_400_000, '32.4 MB'],
    [5e12, '5000 GB'],
  ])('%d are %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));
});

describe('warnings for the operator', () => {
  it('are none when one process does everything', () => {
    expect(concerns([process()], NOW)).toEqual([]);
    expect(concerns([process({ role: 'MANAGE' }), process({ role: 'VERIFY' })], NOW)).toEqual([]);
    const long = process({ databaseChanges: 1, databaseChangedAt: '2027-02-27T11:59:00Z' });
    expect(concerns([long], NOW)).toEqual([]);
    const both = ['REACHED', 'REACHED'].map((redis) => process({ redis: redis as 'REACHED' }));
    expect(concerns(both, NOW)).toEqual([]);
  });

  it.each([
    [
      'a restored database',
      [process({ databaseChanges: 1, databaseChangedAt: '2027-03-01T11:59:00Z' })],
      'restored or failed over',
    ],
    ['lost counts', [process({ lostCount: 1200 })], '1,200 verifications are missing'],
    ['one lost count', [process({ lostCount: 1 })], '1 verification is missing'],
    [
      'counts of which more were lost',
      [process({ lostCount: 23, lostCountIsMinimum: true })],
      'At least 23 verifications are missing',
    ],
    [
      'unknown lost counts',
      [process({ lostCountIsMinimum: true })],
      'An unknown number of verifications is missing',
    ],
    ['a silent process', [process({ seenAt: '2027-03-01T11:59:53Z' })], 'one has not reported'],
    ['waiting usage', [process({ backlogBytes: 40_000_000 })], 'is waiting to be written'],
    ['Redis that is down', [process({ redis: 'AWAY' })], 'one cannot reach Redis'],
    [
      'a pooler in transaction mode',
      [process({ hearsNotifications: false })],
      'PgBouncer in transaction mode',
    ],
    ['a cluster', [process({ redis: 'AWAY', redisFaults: ['CLUSTER'] })], 'is in cluster mode'],
    ['a Sentinel', [process({ redis: 'AWAY', redisFaults: ['SENTINEL'] })], 'points to a Sentinel'],
    ['a replica', [process({ redis: 'AWAY', redisFaults: ['REPLICA'] })], 'is a replica'],
    ['a Redis that evicts', [process({ redis: 'REACHED', redisFaults: ['EVICTING'] })], 'noeviction'],
    ['limits that are counted apart', [process(), process({ redis: 'REACHED' })], 'Set REDIS_URL'],
    [
      'several versions',
      [process({ redis: 'REACHED' }), process({ redis: 'REACHED', version: '1.0.1' })],
      'the same version',
    ],
  ])('are %s', (_, processes, part) => {
    const found = concerns(processes, NOW);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(part);
  });
});
