import type { VerdictCode } from '@keywright/schema/verdicts';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Environment } from '@keywright/schema/environment';
import type { LiveCount } from './live-usage.js';
import { heldAtRoot } from '../access/decide/access.fixture.js';
import { followUsage, type LocatedTick, type SentTick } from './usage-follow.js';
import { UsageTicker, type UsageTick } from './usage-ticker.js';

const START = Date.parse('2027-03-01T12:00:00Z');

beforeEach(() => void vi.useFakeTimers({ now: START }));
afterEach(() => void vi.useRealTimers());

const countsOf = (
  ...events: [apiKeyId: string, code: VerdictCode, environment?: Environment][]
): LiveCount[] =>
  events.map(([apiKeyId, code, environment = 'PRODUCTION']) => ({
    apiKeyId,
    environment,
    lastUsedAtMs: Date.now(),
    byCode: { [code]: 1 },
  }));

describe('usage ticks', () => {
  it('are sent at most once a second per key, and lose nothing in between', () => {
    const sent: UsageTick[][] = [];
    const ticker = new UsageTicker({ now: () => Date.now() }, (ticks) => sent.push([...ticks]));
    for (let i = 0; i < 4; i++) {
      ticker.add(countsOf(['key_1', 'VALID'], ['key_1', 'KEY_EXPIRED']));
      vi.advanceTimersByTime(300);
    }
    vi.advanceTimersByTime(2000);
    const ticks = sent.flat();
    expect(ticks.every((tick) => tick.apiKeyId === 'key_1')).toBe(true);
    const times = ticks.map((tick) => tick.at.getTime());
    expect(times.length).toBeGreaterThan(1);
    for (let i = 1; i < times.length; i++) expect(times[i]! - times[i - 1]!).toBeGreaterThanOrEqual(1000);
    expect(ticks.reduce((sum, tick) => sum + (tick.byCode.get('VALID') ?? 0), 0)).toBe(4);
    ticker.close();
  });

  it('keep the environments of a key separate', () => {
    const sent: UsageTick[] = [];
    const ticker = new UsageTicker({ now: () => Date.now() }, (ticks) => sent.push(...ticks));
    for (let i = 0; i < 3; i++) {
      ticker.add(countsOf(['key_1', 'WRONG_ENVIRONMENT', 'STAGING'], ['key_1', 'VALID'], ['key_1', 'VALID']));
      vi.advanceTimersByTime(1000);
    }
    const countsIn = (environment: Environment) =>
      sent.filter((tick) => tick.environment === environment).map((tick) => [...tick.byCode].flat());
    expect(countsIn('STAGING')).toEqual(Array.from({ length: 3 }, () => ['WRONG_ENVIRONMENT', 1]));
    expect(countsIn('PRODUCTION')).toEqual(Array.from({ length: 3 }, () => ['VALID', 2]));
    ticker.close();
  });
});

describe('a usage subscriber', () => {
  const all = heldAtRoot('keywright.usage.read');
  const tick = (apiKeyId: string, environment: 'PRODUCTION' | 'STAGING' = 'PRODUCTION'): LocatedTick => ({
    at: new Date(START),
    apiKeyId,
    environment,
    lastUsedAt: new Date(START),
    byCode: new Map([['VALID', 2]]),
    keyScopeId: null,
  });

  it('receives what it requested', () => {
    const ticks = [tick('key_1'), tick('key_2', 'STAGING')];
    const idsOf = (list: readonly unknown[]) => (list as SentTick[]).map((sent) => sent.apiKeyId);
    expect(idsOf(followUsage({ apiKeyIds: null, environment: null }, all)(ticks))).toEqual([
      'key_1',
      'key_2',
    ]);
    expect(idsOf(followUsage({ apiKeyIds: ['key_2'], environment: null }, all)(ticks))).toEqual(['key_2']);
    expect(idsOf(followUsage({ apiKeyIds: [], environment: null }, all)(ticks))).toEqual([]);
    expect(idsOf(followUsage({ apiKeyIds: null, environment: 'PRODUCTION' }, all)(ticks))).toEqual(['key_1']);
  });

  it('receives a sum if very many keys are busy', () => {
    const ticks = Array.from({ length: 1000 }, (_, i) => tick(`key_${i}`));
    const sent = followUsage({ apiKeyIds: null, environment: null }, all)(ticks) as SentTick[];
    expect(sent.length).toBeLessThan(300);
    expect(sent.at(-1)).toMatchObject({ apiKeyId: null, environment: null });
    expect(sent.reduce((sum, { total }) => sum + total, 0)).toBe(2000);
  });
});
