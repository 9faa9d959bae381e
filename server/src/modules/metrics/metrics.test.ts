import { expect, it } from 'vitest';
import { VerificationTally } from '../verification/verification-tally.js';
import { createMetrics } from './metrics.js';

it('reports verifications by verdict and their latency, in buckets that add up', async () => {
  const tally = new VerificationTally();
  for (const microseconds of [1, 5, 6, 40, 999_999]) tally.count('VALID', microseconds);
  tally.count('KEY_NOT_FOUND', 3);
  const registry = createMetrics({
    tally,
    counters: [{ name: 'keywright_things_total', help: 'Things.', read: () => 7 }],
    gauges: [{ name: 'keywright_level', help: 'A level.', read: () => 0.5 }],
    pool: () => ({ total: 3, idle: 2, waiting: 0 }),
  });
  const read = async (): Promise<string[]> => (await registry.metrics()).split('\n');
  await read();
  const lines = await read();
  for (const line of [
    'keywright_verifications_total{code="VALID"} 5',
    'keywright_verifications_total{code="KEY_NOT_FOUND"} 1',
    'keywright_verifications_total{code="RATE_LIMITED"} 0',
    'keywright_things_total 7',
    'keywright_level 0.5',
    'keywright_database_connections{state="idle"} 2',
    '# TYPE keywright_verification_seconds histogram',
    'keywright_verification_seconds_bucket{le="0.000005"} 3',
    'keywright_verification_seconds_bucket{le="+Inf"} 6',
    'keywright_verification_seconds_count 6',
  ]) {
    expect(lines).toContain(line);
  }
});
