import { beforeEach, describe, expect, it } from 'vitest';
import { directoryOf } from '../access/access.fixture.js';
import { MemoryRateLimiter } from '../limits/memory-rate-limiter.js';
import type { NonceUse, ShownNonce } from '../signatures/nonce.js';
import { LEAST, NOW_MS, rfc9421Headers, SECRET, withHeaders } from '../signatures/signing.fixture.js';
import { readRequestCredential } from './credential.js';
import { atOnce } from './at-once.fixture.js';
import { keyRecord, type KeyChanges } from './indexed-key.fixture.js';
import { KeyIndex } from './key-index.js';
import { Prover } from './proof.js';
import type { VerificationRequest } from './verdict.js';
import { Verifier } from './verifier.js';

const PARAMETERS = `;created=${NOW_MS / 1000};keyid="key_1";nonce="n-1"`;

let uses: ShownNonce[];
let answer: NonceUse;
let index: KeyIndex;
let verifier: Verifier;

beforeEach(() => {
  uses = [];
  answer = 'FIRST';
  index = new KeyIndex(directoryOf());
  const use = (nonce: ShownNonce): Promise<NonceUse> => {
    uses.push(nonce);
    return Promise.resolve(answer);
  };
  verifier = new Verifier({
    prover: new Prover(index, new Map(), { open: () => Buffer.from(SECRET) }),
    nonces: { shared: { use } },
    limiter: new MemoryRateLimiter({ now: () => NOW_MS }),
    brand: 'kw',
    clock: { now: () => NOW_MS },
    freshness: { requireFresh: () => undefined },
  });
});

const has = (over: KeyChanges = {}): void => {
  const secret = { sealed: Buffer.alloc(0), version: 1 };
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
  credential: readRequestCredential(withHeaders({ ...rfc9421Headers(LEAST, PARAMETERS), ...headers })),
  environment: 'PRODUCTION',
  permissions: [],
  scopeId: null,
  ip: null,
  asker: null,
  cost: 1,
});

const codeOf = async (request = signed()): Promise<string> => (await verifier.verify(request)).code;

describe('a nonce that several processes remember together', () => {
  it('is used by a signature that proves, until it is accepted no more', async () => {
    has();
    expect(await codeOf()).toBe('VALID');
    expect(uses).toEqual([{ keyId: 'key_1', value: 'n-1', createdMs: NOW_MS, untilMs: NOW_MS + 300_000 }]);
  });

  it('is REPLAYED when it was used, and charges no limit', async () => {
    has({ limits: { windows: [{ name: 'once', limit: 1, windowSeconds: 60 }], quotas: [] } });
    answer = 'REPEATED';
    expect(await codeOf()).toBe('REPLAYED');
    answer = 'FIRST';
    expect(await codeOf()).toBe('VALID');
    expect(await codeOf()).toBe('RATE_LIMITED');
  });

  it('keeps the request from passing when nobody can tell', async () => {
    has();
    answer = 'UNKNOWN';
    const unavailable = expect.objectContaining({ code: 'UNAVAILABLE', retryAfterSeconds: 2 }) as Error;
    await expect(verifier.verify(signed())).rejects.toThrow(unavailable);
  });

  it.each([
    ['disabled', { enabled: false }, 'KEY_DISABLED'],
    ['given another secret', { publicPart: 'key_2' }, 'SIGNATURE_INVALID'],
  ])('does not let a key pass that was %s while it was asked for', async (_, over, code) => {
    has();
    const verdict = codeOf();
    has(over as KeyChanges);
    expect(await verdict).toBe(code);
  });

  it.each([
    ['of no key', {}, {}],
    ['that is wrong', { id: 'key_1' }, { Signature: `sig=:${Buffer.alloc(32).toString('base64')}:` }],
    ['of a profile that the key does not accept', { signatureProfiles: ['EXPIRY'] }, {}],
    ['beside another credential', { id: 'key_1' }, { 'x-api-key': 'kw_live_x' }],
  ])('is not used by a signature %s', (_, over, headers) => {
    if (Object.keys(over).length > 0) has(over as KeyChanges);
    expect(atOnce(verifier.verify(signed(headers))).status).toBe(401);
    expect(uses).toEqual([]);
  });

  it('has nobody wait who shows a key', () => {
    expect(atOnce(verifier.verify({ ...signed(), credential: { token: 'kw_live_x' } })).status).toBe(401);
  });
});
