import { VERDICTS } from '@keywright/schema/verdicts';
import { beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../core/errors.js';
import { digestToken, mintToken } from '../keys/token.js';
import { MemoryRateLimiter } from '../limits/memory-rate-limiter.js';
import { directoryOf } from '../access/decide/access.fixture.js';
import type { StoredGrant } from '../access/decide/directory.js';
import { expectSync } from './expect-sync.fixture.js';
import { NO_SECRETS, keyRecord, type KeyChanges } from '../replica/indexed-key.fixture.js';
import { NonceMemory } from '../signatures/nonce-memory.js';
import { KeyIndex } from '../replica/key-index.js';
import { ROOT_SCOPE } from '../scopes/tree/scope.js';
import type { VerificationRequest } from './verdict.js';
import { Prover } from './proof.js';
import { memorySingleUse } from './single-use.js';
import { Verifier } from './verifier.js';

const NOW = Date.parse('2027-03-01T12:00:00Z');
const PEPPER = Buffer.alloc(32, 7);
const minted = mintToken('kw', 'PRODUCTION');
const older = mintToken('kw', 'PRODUCTION');
const digestOf = (token: string): string => digestToken(PEPPER, token).toString('latin1');
const digest = digestOf(minted.token);
const OTHER = '\u0001'.repeat(32);

const holding = (...permissions: string[]): StoredGrant[] => [
  { scopeId: ROOT_SCOPE.id, roleId: null, permissions },
];

const record = (over: KeyChanges = {}): ReturnType<typeof keyRecord> =>
  keyRecord({ publicPart: minted.publicPart, digest, grants: holding('view_customer'), ...over });

const ask = (over: Partial<VerificationRequest> = {}): VerificationRequest => ({
  credential: { token: minted.token },
  environment: 'PRODUCTION',
  permissions: [],
  scopeId: null,
  ip: null,
  caller: null,
  cost: 1,
  ...over,
});

let now = NOW;
let index: KeyIndex;
let verifier: Verifier;
let stale = false;

beforeEach(() => {
  now = NOW;
  stale = false;
  index = new KeyIndex(directoryOf());
  const limiter = new MemoryRateLimiter({ now: () => now });
  verifier = new Verifier({
    prover: new Prover(index, new Map([[1, PEPPER]]), NO_SECRETS),
    singleUse: memorySingleUse(new NonceMemory(-Infinity), limiter),
    limiter,
    brand: 'kw',
    clock: { now: () => now },
    freshness: {
      requireFresh: () => {
        if (stale) throw new AppError('UNAVAILABLE', 'Too old.', { retryAfterSeconds: 1 });
      },
    },
  });
});

/** The verdict on a key that differs from a valid one in one respect. */
const verdictOn = (over: KeyChanges, request: Partial<VerificationRequest> = {}) => {
  index.apply(record(over));
  return expectSync(verifier.verify(ask(request)));
};

describe('a verification', () => {
  it('is VALID for a valid key', () => {
    const verdict = verdictOn({}, { permissions: ['view_customer'], scopeId: ROOT_SCOPE.id });
    expect(verdict).toMatchObject({ code: 'VALID', status: 200, usedPreviousSecret: false });
    expect(verdict.key?.id).toBe('key_1');
    expect(verdict.maskedSecret).toBe(`kw_live_…${minted.token.slice(-4)}`);
  });

  it('is KEY_MISSING without a credential, with the hint if there is one', () => {
    expect(verdictOn({}, { credential: { refused: 'KEY_MISSING' } })).toMatchObject({
      code: 'KEY_MISSING',
      status: 401,
      message: VERDICTS.KEY_MISSING.message,
      key: null,
    });
    const hinted = verdictOn({}, { credential: { refused: 'KEY_MISSING', hint: 'Use X-API-KEY.' } });
    expect(hinted.message).toBe('Use X-API-KEY.');
  });

  it('is AMBIGUOUS_CREDENTIAL with two', () => {
    const verdict = verdictOn({}, { credential: { refused: 'AMBIGUOUS_CREDENTIAL' } });
    expect(verdict).toMatchObject({ code: 'AMBIGUOUS_CREDENTIAL', status: 401, key: null });
  });

  it('is KEY_MALFORMED for garbage', () => {
    const verdict = verdictOn({}, { credential: { token: `${minted.token} ` } });
    expect(verdict).toMatchObject({ code: 'KEY_MALFORMED', status: 401, key: null, maskedSecret: null });
  });

  it('is KEY_NOT_FOUND for an unknown key and for a wrong secret, without any difference', () => {
    const unknown = expectSync(verifier.verify(ask()));
    const wrong = verdictOn({ digest: OTHER });
    expect(unknown).toMatchObject({ code: 'KEY_NOT_FOUND', status: 401, key: null });
    expect(wrong).toEqual(unknown);
  });

  it('is KEY_NOT_FOUND when the pepper is unknown', () => {
    expect(verdictOn({ pepperId: 2 }).code).toBe('KEY_NOT_FOUND');
  });

  it('is KEY_REVOKED for the holder of a revoked key, and KEY_NOT_FOUND for anyone else', () => {
    const revoked = verdictOn({ revoked: true, digest: digest.slice(0, 16), enabled: false });
    expect(revoked).toMatchObject({ code: 'KEY_REVOKED', status: 401 });
    const other = verdictOn({ revoked: true, digest: OTHER.slice(0, 16), version: 2 });
    expect(other).toMatchObject({ code: 'KEY_NOT_FOUND', key: null });
  });

  it('is KEY_EXPIRED from the exact millisecond of the expiry', () => {
    expect(verdictOn({ expiresAtMs: NOW + 1 }).code).toBe('VALID');
    now += 1;
    expect(expectSync(verifier.verify(ask()))).toMatchObject({ code: 'KEY_EXPIRED', status: 401 });
  });

  it('is KEY_DISABLED for a disabled key', () => {
    expect(verdictOn({ enabled: false })).toMatchObject({ code: 'KEY_DISABLED', status: 401 });
  });

  it('is WRONG_ENVIRONMENT in another environment', () => {
    const verdict = verdictOn({}, { environment: 'STAGING' });
    expect(verdict).toMatchObject({ code: 'WRONG_ENVIRONMENT', status: 401 });
  });

  it('is IP_NOT_ALLOWED from another address', () => {
    const ranges = { allowedCidrs: ['203.0.113.0/24'] };
    expect(verdictOn(ranges, { ip: '198.51.100.1' })).toMatchObject({ code: 'IP_NOT_ALLOWED', status: 403 });
    expect(verdictOn(ranges, { ip: null }).code).toBe('IP_NOT_ALLOWED');
    expect(verdictOn(ranges, { ip: '::ffff:203.0.113.9' }).code).toBe('VALID');
  });

  it('is PERMISSION_DENIED when none of the permissions is held', () => {
    expect(verdictOn({}, { permissions: ['create_customer'] })).toMatchObject({
      code: 'PERMISSION_DENIED',
      status: 403,
    });
    expect(verdictOn({ grants: [] }, { permissions: ['view_customer'] }).code).toBe('PERMISSION_DENIED');
    expect(verdictOn({}, { permissions: ['customer.read', 'view_customer'] }).code).toBe('VALID');
    expect(verdictOn({ grants: holding('*') }, { permissions: ['create_customer'] }).code).toBe('VALID');
  });

  it('is SCOPE_DENIED for a scope that does not exist', () => {
    expect(verdictOn({}, { scopeId: 'scp_01h455vb4pex5vsknk084sn02q' })).toMatchObject({
      code: 'SCOPE_DENIED',
      status: 403,
    });
    expect(verdictOn({ grants: [] }, { scopeId: ROOT_SCOPE.id }).code).toBe('SCOPE_DENIED');
  });

  it('is RATE_LIMITED beyond the limit, which rejected calls do not consume', () => {
    index.apply(
      record({ limits: { windows: [{ name: 'minute', limit: 2, windowSeconds: 60 }], quotas: [] } }),
    );
    for (let i = 0; i < 5; i++) verifier.verify(ask({ permissions: ['create_customer'] }));
    expect(expectSync(verifier.verify(ask())).limits).toMatchObject([
      { name: 'minute', limit: 2, remaining: 1 },
    ]);
    expect(expectSync(verifier.verify(ask())).code).toBe('VALID');
    const verdict = expectSync(verifier.verify(ask()));
    expect(verdict).toMatchObject({ code: 'RATE_LIMITED', status: 429 });
    expect(verdict.retryAfterSeconds).toBeGreaterThan(0);
  });

  it('is QUOTA_EXCEEDED beyond a quota, and RATE_LIMITED if a window is exceeded too', () => {
    const windows = [{ name: 'minute', limit: 2, windowSeconds: 60 }];
    const quotas = [{ period: 'DAY' as const, limit: 2 }];
    index.apply(record({ limits: { windows: [], quotas } }));
    expect(expectSync(verifier.verify(ask({ cost: 2 })))).toMatchObject({ code: 'VALID' });
    expect(expectSync(verifier.verify(ask()))).toMatchObject({ code: 'QUOTA_EXCEEDED', status: 429 });
    index.apply(record({ limits: { windows, quotas } }));
    expect(expectSync(verifier.verify(ask({ cost: 3 }))).code).toBe('RATE_LIMITED');
  });

  it('accepts the previous secret during its overlap, and not a millisecond longer', () => {
    const previous = {
      publicPart: older.publicPart,
      digest: digestOf(older.token),
      pepperId: 1,
      endsAtMs: NOW + 10,
    };
    const request = { credential: { token: older.token } };
    expect(verdictOn({ previous }, request)).toMatchObject({ code: 'VALID', usedPreviousSecret: true });
    now += 10;
    expect(expectSync(verifier.verify(ask(request)))).toMatchObject({ code: 'KEY_NOT_FOUND', key: null });
    expect(expectSync(verifier.verify(ask())).code).toBe('VALID');
  });

  it('decides nothing from a state that is too old, but still rejects garbage', () => {
    stale = true;
    expect(() => verdictOn({})).toThrow('Too old.');
    expect(expectSync(verifier.verify(ask({ credential: { token: 'x' } }))).code).toBe('KEY_MALFORMED');
  });

  it('checks in the documented order', () => {
    const faults: KeyChanges = {
      expiresAtMs: NOW - 1,
      enabled: false,
      environment: 'STAGING',
      allowedCidrs: ['203.0.113.9'],
      grants: [],
      limits: { windows: [{ name: 'minute', limit: 0, windowSeconds: 60 }], quotas: [] },
    };
    const mended: KeyChanges[] = [
      { expiresAtMs: null },
      { enabled: true },
      { environment: 'PRODUCTION' },
      { allowedCidrs: [] },
      { grants: [{ scopeId: 'scp_elsewhere', roleId: null, permissions: ['*'] }] },
      { grants: holding('*') },
      { limits: { windows: [], quotas: [] } },
    ];
    const request = { permissions: ['a'], scopeId: ROOT_SCOPE.id };
    const codes = [verdictOn(faults, request).code];
    let current = faults;
    for (const mend of mended) codes.push(verdictOn((current = { ...current, ...mend }), request).code);
    expect(codes).toEqual([
      'KEY_EXPIRED',
      'KEY_DISABLED',
      'WRONG_ENVIRONMENT',
      'IP_NOT_ALLOWED',
      'PERMISSION_DENIED',
      'SCOPE_DENIED',
      'RATE_LIMITED',
      'VALID',
    ]);
  });
});
