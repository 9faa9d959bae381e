import { describe, expect, it } from 'vitest';
import { directoryOf } from '../access/decide/access.fixture.js';
import { digestToken, mintToken } from '../keys/token.js';
import type { LimitRules } from '../limits/limit-rules.js';
import { MemoryRateLimiter } from '../limits/memory-rate-limiter.js';
import { ROOT_SCOPE } from '../scopes/tree/scope.js';
import { expectSync } from './expect-sync.fixture.js';
import { NO_SECRETS, keyRecord } from '../replica/indexed-key.fixture.js';
import { NonceMemory } from '../signatures/nonce-memory.js';
import { KeyIndex } from '../replica/key-index.js';
import { Prover } from './proof.js';
import { memorySingleUse } from './single-use.js';
import { Verifier } from './verifier.js';

const HOUR = 3_600_000;
const NOON = Date.parse('2027-03-01T12:00:00Z');
const PEPPER = Buffer.alloc(32, 7);
const hourly: LimitRules = { windows: [{ name: 'hour', limit: 10, windowSeconds: 3600 }], quotas: [] };
const daily: LimitRules = { windows: [], quotas: [{ period: 'DAY', limit: 10 }] };

/** A verifier of one key; the limiter uses the monotonic clock, as in production, unless another clock is given. */
function world(
  limits: LimitRules,
  limiterGoesBy: 'monotonic' | 'wall' = 'monotonic',
  expiresAtMs: number | null = null,
) {
  const time = { wall: NOON, monotonic: NOON };
  const { token, publicPart } = mintToken('kw', 'PRODUCTION');
  const index = new KeyIndex(directoryOf());
  index.apply(
    keyRecord({
      expiresAtMs,
      publicPart,
      digest: digestToken(PEPPER, token).toString('latin1'),
      limits,
      grants: [{ scopeId: ROOT_SCOPE.id, roleId: null, permissions: ['view_customer'] }],
    }),
  );
  const limiter = new MemoryRateLimiter({ now: () => time[limiterGoesBy] });
  const verifier = new Verifier({
    prover: new Prover(index, new Map([[1, PEPPER]]), NO_SECRETS),
    singleUse: memorySingleUse(new NonceMemory(-Infinity), limiter),
    limiter,
    brand: 'kw',
    clock: { now: () => time.wall },
    freshness: { requireFresh: () => undefined },
  });
  const request = {
    credential: { token },
    environment: 'PRODUCTION',
    permissions: [],
    scopeId: null,
    ip: null,
    caller: null,
    cost: 1,
  } as const;
  return {
    time,
    ask: () => expectSync(verifier.verify(request)).code,
    pass(ms: number) {
      time.wall += ms;
      time.monotonic += ms;
    },
  };
}

const LIMITS = [
  ['a window', hourly, 'RATE_LIMITED'],
  ['a quota', daily, 'QUOTA_EXCEEDED'],
] as const;

describe.each(LIMITS)('%s under a wall clock that is stepped by hours', (_, limits, refusal) => {
  it('admits what is left, and no more', () => {
    const { time, ask } = world(limits);
    const seen = [5, -3, -26, 30, -50, 0, 0, 0, 0, 0].map((hours) => {
      time.wall = NOON + hours * HOUR;
      return ask();
    });
    expect(new Set(seen)).toEqual(new Set(['VALID']));
    for (const hours of [25, -1, -30, 0]) {
      time.wall = NOON + hours * HOUR;
      expect(ask()).toBe(refusal);
    }
  });

  it('resets when its time has really passed, whatever the wall clock says', () => {
    const { time, ask, pass } = world(limits);
    for (let i = 0; i < 10; i++) expect(ask()).toBe('VALID');
    time.wall -= 40 * HOUR;
    pass(limits === hourly ? HOUR - 1 : 12 * HOUR - 1);
    expect(ask()).toBe(refusal);
    pass(1);
    expect(ask()).toBe('VALID');
  });

  it('would reset immediately if it used the wall clock', () => {
    const { time, ask } = world(limits, 'wall');
    for (let i = 0; i < 10; i++) expect(ask()).toBe('VALID');
    expect(ask()).toBe(refusal);
    time.wall += 24 * HOUR;
    expect(ask()).toBe('VALID');
  });
});

describe('the expiry of a key', () => {
  it('follows the wall clock both ways, to the millisecond', () => {
    const { time, ask, pass } = world({ windows: [], quotas: [] }, 'monotonic', NOON + 2 * HOUR);
    time.wall = NOON + 2 * HOUR;
    expect(ask()).toBe('KEY_EXPIRED');
    time.wall -= 1;
    expect(ask()).toBe('VALID');
    time.wall -= 5 * HOUR;
    pass(5 * HOUR);
    expect(ask()).toBe('VALID');
    pass(1);
    expect(ask()).toBe('KEY_EXPIRED');
  });
});
