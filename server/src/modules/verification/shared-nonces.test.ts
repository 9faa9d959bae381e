import { beforeEach, describe, expect, it } from 'vitest';
import { directoryOf } from '../access/decide/access.fixture.js';
import { MemoryRateLimiter } from '../limits/memory-rate-limiter.js';
import type { NonceUse, ShownNonce } from '../signatures/nonce.js';
import { MINIMAL_LINES, NOW_MS, rfc9421Headers, SECRET, withHeaders } from '../signatures/signing.fixture.js';
import { readRequestCredential } from './credential.js';
import { expectSync } from './expect-sync.fixture.js';
import { keyRecord, type KeyChanges } from '../replica/indexed-key.fixture.js';
import { KeyIndex } from '../replica/key-index.js';
import { Prover } from './proof.js';
import type { VerificationRequest } from './verdict.js';
import { Verifier } from './verifier.js';

const PARAMETERS = `;created=${NOW_MS / 1000};keyid="key_1";nonce="n-1"`;

let uses: ShownNonce[];
let answer: NonceUse;
/** Runs before the answer arrives. */
let meanwhile: () => void;
let index: KeyIndex;
let verifier: Verifier;

beforeEach(() => {
  uses = [];
  answer = 'FIRST';
  meanwhile = () => undefined;
  const limiter = new MemoryRateLimiter({ now: () => NOW_MS });
  index = new KeyIndex(directoryOf());
  const use = (nonce: ShownNonce): Promise<NonceUse> => {
    uses.push(nonce);
    return Promise.resolve(answer);
  };
  verifier = new Verifier({
    // Secrets are not sealed in this test.
    prover: new Prover(index, new Map(), { open: (sealed) => sealed }),
    singleUse: {
      charge: async (nonce, rules, cost) => {
        const used = await use(nonce);
        meanwhile();
        return used === 'FIRST' ? limiter.consume(nonce.keyId, rules, cost) : used;
      },
    },
    limiter,
    brand: 'kw',
    clock: { now: () => NOW_MS },
    freshness: { requireFresh: () => undefined },
  });
});

const secret = { sealed: Buffer.from(SECRET), version: 1 };
const other = { sealed: Buffer.from('another secret'), version: 2 };
const regenerated = { signing: { secret: other, previous: { ...secret, endsAtMs: NOW_MS + 1000 } } };

const has = (over: object = {}): void => {
  index.apply(
    keyRecord({
      publicPart: 'key_1',
      signing: { secret, previous: null },
      signatureProfiles: ['RFC9421'],
      ...over,
    } as KeyChanges),
  );
};

const signed = (headers: Record<string, unknown> = {}): VerificationRequest => ({
  credential: readRequestCredential(
    withHeaders({ ...rfc9421Headers(MINIMAL_LINES, PARAMETERS), ...headers }),
  ),
  environment: 'PRODUCTION',
  permissions: [],
  scopeId: null,
  ip: null,
  caller: null,
  cost: 1,
});

const codeOf = async (request = signed()): Promise<string> => (await verifier.verify(request)).code;

describe('a nonce shared by several processes', () => {
  it('is used by a valid signature, for as long as that is accepted', async () => {
    has();
    expect(await codeOf()).toBe('VALID');
    expect(uses).toEqual([
      { keyId: 'key_1', customerId: null, value: 'n-1', createdMs: NOW_MS, untilMs: NOW_MS + 300_000 },
    ]);
  });

  it('is REPLAYED if it was used before, and charges no limit', async () => {
    has({ limits: { windows: [{ name: 'once', limit: 1, windowSeconds: 60 }], quotas: [] } });
    answer = 'REPEATED';
    expect(await codeOf()).toBe('REPLAYED');
    answer = 'FIRST';
    expect(await codeOf()).toBe('VALID');
    expect(await codeOf()).toBe('RATE_LIMITED');
  });

  it('rejects the request if its state is unknown', async () => {
    has();
    answer = 'UNKNOWN';
    const unavailable = expect.objectContaining({ code: 'UNAVAILABLE', retryAfterSeconds: 2 }) as Error;
    await expect(verifier.verify(signed())).rejects.toThrow(unavailable);
  });

  it('is used by the previous secret during its overlap', async () => {
    has(regenerated);
    expect(await verifier.verify(signed())).toMatchObject({ code: 'VALID', usedPreviousSecret: true });
  });

  it.each([
    ['disabled', { enabled: false }, 'KEY_DISABLED'],
    ['given another id', { publicPart: 'key_2' }, 'SIGNATURE_INVALID'],
    ['given another secret', { signing: { secret: other, previous: null } }, 'SIGNATURE_INVALID'],
    ['to reject such signatures', { signatureProfiles: ['EXPIRY'] }, 'SIGNATURE_INVALID'],
  ])('rejects a key that was %s while the nonce was checked', async (_, over, code) => {
    has();
    const verdict = codeOf();
    has(over);
    expect(await verdict).toBe(code);
  });

  it.each([
    ['of no key', {}, {}],
    ['that is wrong', { id: 'key_1' }, { Signature: `sig=:${Buffer.alloc(32).toString('base64')}:` }],
    ['of a profile that the key does not accept', { signatureProfiles: ['EXPIRY'] }, {}],
    ['next to another credential', { id: 'key_1' }, { 'x-api-key': 'kw_live_x' }],
  ])('is not used by a signature %s', (_, over, headers) => {
    if (Object.keys(over).length > 0) has(over);
    expect(expectSync(verifier.verify(signed(headers))).status).toBe(401);
    expect(uses).toEqual([]);
  });

  it('does not delay a bearer key', () => {
    expect(expectSync(verifier.verify({ ...signed(), credential: { token: 'kw_live_x' } })).status).toBe(401);
  });
});

describe('limits shared by several processes', () => {
  const limits = { windows: [{ name: 'twice', limit: 2, windowSeconds: 60 }], quotas: [] };
  it('are checked once everything else has passed, also for the previous secret', async () => {
    has({ ...regenerated, limits });
    expect(await verifier.verify({ ...signed(), environment: 'STAGING' })).toMatchObject({
      code: 'WRONG_ENVIRONMENT',
    });
    expect(uses).toEqual([]);
    expect(await verifier.verify(signed())).toMatchObject({
      code: 'VALID',
      usedPreviousSecret: true,
      signature: { profile: 'RFC9421' },
    });
    expect([await codeOf(), await codeOf()]).toEqual(['VALID', 'RATE_LIMITED']);
  });

  it.each([
    ['revoked', { revoked: true }, 'KEY_REVOKED'],
    ['expired', { expiresAtMs: NOW_MS }, 'KEY_EXPIRED'],
    ['given another secret', { signing: { secret: other, previous: null } }, 'SIGNATURE_INVALID'],
    ['to reject such signatures', { signatureProfiles: ['EXPIRY'] }, 'SIGNATURE_INVALID'],
  ])('reject a key that was %s while they were checked', async (_, over, code) => {
    has({ limits });
    meanwhile = () => has({ limits, ...over });
    expect(await codeOf()).toBe(code);
  });
});
