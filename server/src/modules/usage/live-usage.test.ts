import { expect, it } from 'vitest';
import { decodeLiveUsage, encodeLiveUsage } from './live-usage.js';
import { UsageBatch } from './usage-batch.js';

const row = {
  id: 'req_1',
  maskedSecret: null,
  status: 200,
  method: 'GET',
  path: '/漢'.repeat(1000),
  permission: null,
  scopeId: null,
  ip: '203.0.113.9',
  userAgent: '😀'.repeat(251),
  latencyMicroseconds: 12,
};

it('encodes a batch in notifications that PostgreSQL accepts, and loses no count', () => {
  const batch = new UsageBatch();
  for (let i = 0; i < 1000; i++) {
    const apiKeyId = `key_${String(i % 300).padStart(26, '0')}`;
    const event = { atMs: 1_800_000_000_000 + i, touch: false, usedPreviousSecret: false, units: 0 };
    batch.add({ ...event, apiKeyId, environment: 'STAGING', code: 'VALID', row });
    batch.add({ ...event, apiKeyId: '', environment: 'STAGING', code: 'KEY_NOT_FOUND', row: null });
  }
  const payloads = encodeLiveUsage(batch);
  for (const payload of payloads) expect(Buffer.byteLength(payload)).toBeLessThan(8000);
  const read = payloads.map(decodeLiveUsage);
  const counts = read.flatMap((live) => live.counts);
  expect(new Set(counts.map(({ apiKeyId }) => apiKeyId)).size).toBe(300);
  expect(counts.reduce((sum, { byCode }) => sum + byCode.VALID!, 0)).toBe(1000);
  expect(counts[0]!.lastUsedAtMs).toBe(1_800_000_000_900);
  const rows = read.flatMap((live) => live.rows);
  expect(rows).toHaveLength(500);
  expect(rows.at(-1)).toMatchObject({ id: 'req_1', at: new Date(1_800_000_000_999), code: 'VALID' });
});

it('sends nothing for an empty batch', () => {
  expect(encodeLiveUsage(new UsageBatch())).toEqual([]);
});
