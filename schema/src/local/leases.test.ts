import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Leases } from './leases.js';
import type { LocalMessage } from './protocol.js';

type Leased = Extract<LocalMessage, { readonly type: 'leased' }>;

const TTL_MS = 1000;
const leased = (overrides: Partial<Leased> = {}): Leased => ({
  type: 'leased',
  id: 1,
  lease: 'a',
  units: 10,
  ttlMs: TTL_MS,
  limits: [{ name: 'minute', limit: 100, remaining: 90, windowSeconds: 60, resetSeconds: 30 }],
  refusedBy: null,
  retryAfterSeconds: null,
  ...overrides,
});
const refused = (overrides: Partial<Leased> = {}): Leased =>
  leased({ lease: null, units: 0, refusedBy: 'WINDOW', retryAfterSeconds: 7, ...overrides });

describe('leased units', () => {
  it('are never spent twice or after their lease ends, and unused units are counted', () => {
    const step = fc.oneof(
      fc.record({ grant: fc.integer({ min: 0, max: 40 }) }),
      fc.record({ take: fc.integer({ min: 1, max: 15 }) }),
      fc.record({ pass: fc.integer({ min: 0, max: 700 }) }),
      fc.record({ sweep: fc.constant(true) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const leases = new Leases();
        const model: { endsAtMs: number; units: number }[] = [];
        let nowMs = 0;
        let granted = 0;
        let spent = 0;
        let returned = 0;
        let lapsed = 0;
        for (const each of steps) {
          if ('pass' in each) nowMs += each.pass;
          if ('grant' in each) {
            leases.want(1, nowMs, TTL_MS);
            leases.add(each.grant > 0 ? leased({ units: each.grant }) : refused(), 1, nowMs);
            if (each.grant > 0) model.push({ endsAtMs: nowMs + TTL_MS, units: each.grant });
            granted += each.grant;
          }
          if ('take' in each) {
            const alive = model.filter(({ endsAtMs }) => nowMs < endsAtMs);
            const enough = alive.reduce((sum, { units }) => sum + units, 0) >= each.take;
            expect(leases.take(each.take, nowMs)).toBe(enough);
            let left = enough ? each.take : 0;
            for (const lease of alive) {
              const taken = Math.min(left, lease.units);
              lease.units -= taken;
              left -= taken;
            }
            spent += enough ? each.take : 0;
          }
          if ('sweep' in each) returned += sum(leases.end(nowMs));
        }
        lapsed = sum(leases.end(Infinity));
        expect(spent + returned + lapsed).toBe(granted);
      }),
    );
  });

  it('are requested in larger amounts while used up fast, and in smaller ones otherwise', () => {
    const leases = new Leases();
    const ask = (nowMs: number): number => {
      const { wanted } = leases.want(1, nowMs, TTL_MS);
      leases.add(leased({ units: wanted }), 1, nowMs);
      return wanted;
    };
    const amounts: number[] = [];
    for (let nowMs = 0; nowMs < 500; nowMs += 100) {
      amounts.push(ask(nowMs));
      while (leases.take(1, nowMs));
    }
    expect(amounts).toEqual([8, 16, 32, 64, 128]);
    ask(5000);
    expect(sum(leases.end(7000))).toBe(128);
    expect(leases.want(1, 8000, TTL_MS).wanted).toBe(64);
  });

  it('count as remaining in the limits of an answer', () => {
    const leases = new Leases();
    leases.want(1, 0, TTL_MS);
    leases.add(leased(), 1, 0);
    leases.take(4, 10);
    expect(leases.states(2500)).toEqual([
      { name: 'minute', limit: 100, remaining: 96, windowSeconds: 60, resetSeconds: 28 },
    ]);
  });

  it('are rejected for a moment without asking again, except for lower costs', () => {
    const leases = new Leases();
    leases.want(5, 0, TTL_MS);
    leases.add(refused(), 5, 0);
    expect(leases.refusalOf(5, 50)).toMatchObject({ code: 'RATE_LIMITED', retryAfterSeconds: 7 });
    expect(leases.refusalOf(4, 50)).toBeUndefined();
    expect(leases.refusalOf(5, 101)).toBeUndefined();
    leases.want(5, 200, TTL_MS);
    leases.add(refused({ refusedBy: 'QUOTA', retryAfterSeconds: 0 }), 5, 200);
    expect(leases.refusalOf(5, 200)).toBeUndefined();
  });
});

const sum = (unused: readonly { units: number }[]): number =>
  unused.reduce((all, { units }) => all + units, 0);
