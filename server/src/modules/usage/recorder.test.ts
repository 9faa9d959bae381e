import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryRecorder } from './recorder.js';
import type { UsageEvent } from './usage-event.js';

const AT = Date.parse('2027-03-01T12:00:30Z');

const event = (over: Partial<UsageEvent> = {}): UsageEvent => ({
  id: 'req_1',
  at: new Date(AT),
  environment: 'PRODUCTION',
  apiKeyId: 'key_1',
  maskedSecret: null,
  code: 'VALID',
  status: 200,
  method: 'GET',
  path: '/',
  permission: null,
  scopeId: null,
  ip: null,
  userAgent: null,
  latencyMicroseconds: 1,
  responseStatus: null,
  responseMilliseconds: null,
  requestBytes: null,
  responseBytes: null,
  usedPreviousSecret: false,
  ...over,
});

describe('the recorder', () => {
  it('counts by key, minute, environment and outcome', () => {
    const recorder = new MemoryRecorder();
    recorder.record(event());
    recorder.record(event({ at: new Date(AT + 20_000) }));
    recorder.record(event({ at: new Date(AT + 40_000) }));
    recorder.record(event({ code: 'KEY_NOT_FOUND', apiKeyId: null }));
    const { batch } = recorder.take()!;
    expect([...batch.counts.values()]).toEqual([
      { apiKeyId: 'key_1', startMs: AT - 30_000, environment: 'PRODUCTION', code: 'VALID', count: 2 },
      { apiKeyId: 'key_1', startMs: AT + 30_000, environment: 'PRODUCTION', code: 'VALID', count: 1 },
      { apiKeyId: '', startMs: AT - 30_000, environment: 'PRODUCTION', code: 'KEY_NOT_FOUND', count: 1 },
    ]);
  });

  it('moves last-used only for proven keys, and apart for the previous secret', () => {
    const recorder = new MemoryRecorder();
    recorder.record(event({ apiKeyId: null }));
    recorder.record(event({ usedPreviousSecret: true }));
    recorder.record(event({ at: new Date(AT + 5) }));
    recorder.touch('key_2', AT);
    expect(Object.fromEntries(recorder.take()!.batch.lastUses)).toEqual({
      key_1: { atMs: AT + 5, previousAtMs: AT },
      key_2: { atMs: AT, previousAtMs: null },
    });
  });

  it('drops rows beyond its cap, says how many, and loses no count', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 10_000_000 }), { maxLength: 60 }), (offsets) => {
        const recorder = new MemoryRecorder(1000, { rows: 10, counters: 5 });
        for (const offset of offsets) recorder.record(event({ at: new Date(AT + offset) }));
        const batch = recorder.take()?.batch;
        const counts = [...(batch?.counts.values() ?? [])];
        expect(counts.reduce((sum, { count }) => sum + count, 0)).toBe(offsets.length);
        expect((batch?.rows.length ?? 0) + (batch?.droppedRows ?? 0)).toBe(offsets.length);
        expect(batch?.rows.length ?? 0).toBeLessThanOrEqual(10);
        expect(counts.length).toBeLessThanOrEqual(5 + 4);
      }),
    );
  });

  it('numbers its batches and hands each over once', () => {
    const recorder = new MemoryRecorder();
    expect(recorder.take()).toBeUndefined();
    recorder.record(event());
    expect(recorder.take()?.number).toBe(1);
    expect(recorder.take()).toBeUndefined();
    recorder.record(event());
    expect(recorder.take()?.number).toBe(2);
  });

  it('asks to be emptied when it is full enough', () => {
    const recorder = new MemoryRecorder(3);
    let asked = 0;
    recorder.onFull = () => asked++;
    for (let i = 0; i < 5; i++) recorder.record(event());
    expect(asked).toBe(1);
  });
});
