import { beforeEach, describe, expect, it } from 'vitest';
import type { LimitRules } from './limit-rules.js';
import { MemoryRateLimiter } from './memory-rate-limiter.js';
import type { Owed } from './owed-units.js';
import { SharedRateLimiter } from './shared-rate-limiter.js';

const START = Date.parse('2027-03-01T12:00:00Z');
const daily: LimitRules = { windows: [], quotas: [{ period: 'DAY', limit: 10 }] };
const none: LimitRules = { windows: [], quotas: [] };

let nowMs: number;
let reached: boolean;
let paid: [subject: string, units: number, era: string][];
let asked: number;
let logged: string[];
/** What is counted together. */
let all: MemoryRateLimiter;
let limiter: SharedRateLimiter;

beforeEach(() => {
  nowMs = START;
  reached = true;
  paid = [];
  asked = 0;
  logged = [];
  const clock = { now: () => nowMs };
  all = new MemoryRateLimiter(clock);
  const ask = <T>(subject: string, owed: Owed | null, answer: () => T): Promise<T> => {
    asked++;
    if (!reached) return Promise.reject(new Error('away'));
    if (owed) {
      paid.push([subject, owed.units, owed.era]);
      all.consume(subject, owed.rules, owed.units);
    }
    return Promise.resolve(answer());
  };
  const together = {
    era: 'first',
    consume: (subject: string, rules: LimitRules, cost: number, owed: Owed | null = null) =>
      ask(subject, owed, () => all.consume(subject, rules, cost)),
    lease: (subject: string, rules: LimitRules, wanted: number, needed: number, owed: Owed | null = null) =>
      ask(subject, owed, () => all.lease(subject, rules, wanted, needed)),
    pay: (subject: string, owed: Owed) => ask(subject, owed, () => undefined),
  };
  limiter = new SharedRateLimiter({
    together,
    own: new MemoryRateLimiter(clock),
    clock,
    monotonicClock: clock,
    log: (message) => logged.push(message),
  });
});

const consume = async (cost: number, subject = 'key'): Promise<[boolean, number]> => {
  const { allowed, limits } = await limiter.consume(subject, daily, cost);
  return [allowed, limits[0]!.remaining];
};
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a limiter of several processes', () => {
  it('asks nobody about whoever has no limits', () => {
    expect(limiter.consume('key', none, 1)).toMatchObject({ allowed: true, limits: [] });
    expect(limiter.lease('key', none, 5, 1)).toMatchObject({ units: 5 });
    expect(asked).toBe(0);
  });

  it('goes by what all count, and alone by no less than it admitted itself', async () => {
    all.consume('key', daily, 3);
    expect(await consume(2)).toEqual([true, 5]);
    const lease = await limiter.lease('key', daily, 4, 4);
    expect(lease.units).toBe(4);
    lease.giveBack(2);
    reached = false;
    expect(await consume(1)).toEqual([true, 5]);
    expect(await limiter.lease('key', daily, 6, 6)).toMatchObject({ units: 0, refusedBy: 'QUOTA' });
    expect(await consume(5)).toEqual([true, 0]);
    expect(limiter.alone).toBe(3);
    expect(logged).toEqual(['Limits are counted by this process alone for now: away']);
  });

  it('tells the others what it let pass alone with the next request, or before the next of another key', async () => {
    reached = false;
    await consume(1);
    await consume(2);
    await limiter.lease('other', daily, 4, 4);
    await consume(100);
    reached = true;
    expect(await consume(1)).toEqual([true, 6]);
    await turn();
    expect(paid).toEqual([
      ['key', 3, 'first'],
      ['other', 4, 'first'],
    ]);
    expect(await consume(1, 'other')).toEqual([true, 5]);
    expect(paid).toHaveLength(2);
  });

  it('keeps what it could not tell, and tells it when it is asked to', async () => {
    reached = false;
    await consume(2);
    await limiter.pay();
    await consume(3);
    expect(paid).toEqual([]);
    reached = true;
    await Promise.all([limiter.pay(), limiter.pay()]);
    expect(paid).toEqual([['key', 5, 'first']]);
  });

  it('refuses again without asking for a tenth of a second, whoever asks for no less', async () => {
    all.consume('key', daily, 8);
    expect(await consume(3)).toEqual([false, 2]);
    expect(limiter.consume('key', daily, 4)).toMatchObject({ allowed: false });
    expect(asked).toBe(1);
    expect(await consume(1)).toEqual([true, 1]);
    const changed = { ...daily };
    expect(await limiter.consume('key', changed, 3)).toMatchObject({ allowed: false });
    expect(asked).toBe(3);
    nowMs += 101;
    await consume(3);
    expect(asked).toBe(4);
  });

  it('asks again at once when something was given back', async () => {
    const lease = await limiter.lease('key', daily, 10, 10);
    expect(await consume(1)).toEqual([false, 0]);
    lease.giveBack(4);
    expect(await consume(1)).toEqual([true, 3]);
  });
});
