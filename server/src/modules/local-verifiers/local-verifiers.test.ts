import { randomUUID } from 'node:crypto';
import type { LocalMessage, LocalRequest } from '@keywright/schema/local-protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AppError } from '../../core/errors.js';
import { Emitter } from '../../core/events.js';
import { directoryOf } from '../access/decide/access.fixture.js';
import { digestToken, mintToken } from '../keys/token.js';
import { MemoryRateLimiter } from '../limits/memory-rate-limiter.js';
import type { RateLimiter } from '../limits/rate-limiter.js';
import { ROOT_SCOPE } from '../scopes/tree/scope.js';
import { NonceMemory } from '../signatures/nonce-memory.js';
import type { ReportedUse, VerificationNote } from '../usage/usage-event.js';
import type { ChangedIds } from '../replica/change-source.js';
import { expectSync } from '../verification/expect-sync.fixture.js';
import { keyRecord, NO_SECRETS, type KeyChanges } from '../replica/indexed-key.fixture.js';
import { KeyIndex } from '../replica/key-index.js';
import { Prover } from '../verification/proof.js';
import type { Snapshot } from '../../core/snapshot.js';
import { CallerGate } from '../verification/caller-gate.js';
import { VerificationLog } from '../verification/verification-log.js';
import { VerificationService } from '../verification/verification-service.js';
import { VerificationTally } from '../verification/verification-tally.js';
import { memorySingleUse } from '../verification/single-use.js';
import { Verifier } from '../verification/verifier.js';
import { NEEDED, type LocalConnection } from './local-connection.js';
import { LocalVerifiers } from './local-verifiers.js';

const START = Date.parse('2027-03-01T12:00:00Z');
const PEPPER = Buffer.alloc(32, 7);
const tokens = { caller: mintToken('kw', 'PRODUCTION'), key: mintToken('kw', 'PRODUCTION') };
const QUESTION = { permissions: [], scopeId: null };
const NO_FACTS = { method: null, path: null, ip: null, userAgent: null };
const prove = (id: number, token = tokens.key.token): LocalRequest => ({
  type: 'prove',
  id,
  token,
  question: QUESTION,
  environment: 'PRODUCTION',
  facts: NO_FACTS,
});

let nowMs: number;
let fresh: boolean;
/** Whether limits are shared with other processes. */
let together: boolean;
let settled: Promise<void> | null;
let safe: (() => void)[];
let index: KeyIndex;
let applied: Emitter<ChangedIds | 'ALL'>;
let notes: VerificationNote[];
let touches: { atMs: number; units: number }[];
let reports: (readonly ReportedUse[])[];
let tally: VerificationTally;
let gate: CallerGate;
let verifiers: LocalVerifiers;
let sent: LocalMessage[];
let closed: number[];
let connection: LocalConnection;

const put = (name: keyof typeof tokens, over: KeyChanges = {}): void => {
  const { token, publicPart } = tokens[name];
  const version = (index.get(`key_${name}`)?.record.version ?? 0) + 1;
  const digest = digestToken(PEPPER, token).toString('latin1');
  const grants = [{ scopeId: ROOT_SCOPE.id, roleId: null, permissions: ['keywright.verify'] }];
  index.apply(keyRecord({ id: `key_${name}`, publicPart, digest, version, grants, ...over }));
};
const changed = (...apiKeys: string[]): ChangedIds => ({
  apiKeys,
  editedApiKeys: apiKeys,
  scopes: [],
  roles: [],
  serviceAccounts: [],
  routeRules: false,
});
const say = (request: LocalRequest): void => connection.take(JSON.stringify(request));
/** Messages since the last call. */
const takeSent = (): LocalMessage[] => sent.splice(0);
const open = (): LocalConnection => {
  const call = {
    ip: null,
    method: 'GET',
    path: '/',
    userAgent: null,
    credentials: { 'x-api-key': tokens.caller.token },
    permissions: NEEDED,
    known: null,
  };
  const caller = expectSync(gate.admit(call));
  if ('verdict' in caller) throw new Error('The caller was refused.');
  return verifiers.open(
    { proof: caller.proof, ip: null },
    { send: (message) => sent.push(message), close: (code) => closed.push(code) },
  );
};

beforeEach(() => {
  vi.useFakeTimers();
  nowMs = START;
  fresh = true;
  settled = null;
  [safe, notes, touches, reports, sent, closed] = [[], [], [], [], [], []];
  applied = new Emitter();
  index = new KeyIndex(directoryOf());
  tally = new VerificationTally();
  const clock = { now: () => nowMs };
  const own = new MemoryRateLimiter(clock);
  together = false;
  const limiter: RateLimiter = {
    consume: (...asked) => own.consume(...asked),
    lease: (...asked) => (together ? Promise.resolve(own.lease(...asked)) : own.lease(...asked)),
  };
  const feed = {
    applied,
    polled: new Emitter<{ cursor: Snapshot; changed: boolean }>(),
    ageMs: 3,
    get fresh() {
      return fresh;
    },
    requireFresh: () => {
      if (!fresh) throw new AppError('UNAVAILABLE', 'Too old.', { retryAfterSeconds: 7 });
    },
  };
  const recorder = {
    record: (note: VerificationNote) => void notes.push(note),
    use: () => undefined,
    touch: (_: string, atMs: number, units: number) => void touches.push({ atMs, units }),
    report: (_: string, uses: readonly ReportedUse[]) => void reports.push(uses),
    whenSafe: (callback: () => void) => void safe.push(callback),
  };
  const verifier = new Verifier({
    prover: new Prover(index, new Map([[1, PEPPER]]), NO_SECRETS),
    singleUse: memorySingleUse(new NonceMemory(0), new MemoryRateLimiter(clock)),
    limiter,
    brand: 'kw',
    clock,
    freshness: feed,
  });
  const log = new VerificationLog({ recorder, tally, clock });
  const service = new VerificationService({ verifier, log, clock });
  gate = new CallerGate({ service, verifier, index, log, freshness: { settled: () => settled }, clock });
  verifiers = new LocalVerifiers({
    gate,
    service,
    index,
    feed,
    limiter,
    recorder,
    tally,
    clock,
    monotonicClock: clock,
    maxStalenessSeconds: 300,
    log: () => undefined,
  });
  put('caller');
  put('key');
  connection = open();
  touches = [];
  takeSent();
});
afterEach(() => {
  verifiers.close(connection);
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

describe('a local verifier', () => {
  it('is notified of a change before anything else happens', () => {
    say(prove(1));
    expect(takeSent()).toMatchObject([{ type: 'proved', id: 1, key: { enabled: true } }]);
    put('key', { enabled: false });
    applied.emit(changed('key_other', 'key_key'));
    expect(takeSent()).toEqual([{ type: 'forget', keyIds: ['key_key'] }]);
    applied.emit(changed('key_key'));
    expect(takeSent()).toEqual([]);
  });

  it.each([
    ['roles', { ...changed(), roles: ['rol_1'] }],
    ['scopes', { ...changed(), scopes: ['scp_1'] }],
    ['service accounts', { ...changed(), serviceAccounts: ['sva_1'] }],
    ['its own key', changed('key_caller')],
    ['everything', 'ALL' as const],
  ])('must prove everything again after a change to %s', (_, change) => {
    say(prove(1));
    takeSent();
    applied.emit(change);
    say({ type: 'judge', id: 2, keyId: 'key_key', question: QUESTION });
    expect(takeSent()).toMatchObject([
      { type: 'forget', keyIds: 'ALL' },
      { id: 2, code: 'NOT_REMEMBERED' },
    ]);
  });

  it('is notified immediately when the state is too old to decide, and gets no answers from it', () => {
    say(prove(1));
    takeSent();
    fresh = false;
    vi.advanceTimersByTime(100);
    expect(takeSent()).toMatchObject([{ type: 'state', state: { fresh: false } }]);
    say(prove(2));
    say({ type: 'judge', id: 3, keyId: 'key_key', question: QUESTION });
    say({ type: 'lease', id: 4, keyId: 'key_key', wanted: 1, needed: 1 });
    expect(takeSent()).toEqual(
      [2, 3, 4].map((id) => ({ type: 'failed', id, code: 'UNAVAILABLE', retryAfterSeconds: 7 })),
    );
    expect(notes).toEqual([]);
    // A malformed token is rejected nevertheless, as everywhere.
    say(prove(5, 'nonsense'));
    safe.splice(0).forEach((done) => done());
    expect(takeSent()).toMatchObject([{ type: 'refused', code: 'KEY_MALFORMED' }]);
  });

  it('is answered from the current state once a doubt is settled, which a limited number of requests wait for', async () => {
    let settle = (): void => undefined;
    settled = new Promise((resolve) => (settle = resolve));
    for (let id = 1; id <= 1001; id++) say(prove(id));
    expect(takeSent()).toMatchObject([{ id: 1001, code: 'UNAVAILABLE' }]);
    put('key', { revoked: true });
    applied.emit(changed('key_key'));
    settle();
    await settled;
    await Promise.resolve();
    const answers = takeSent();
    expect(answers).toHaveLength(1000);
    for (const answer of answers) expect(answer).toMatchObject({ type: 'proved', key: { revoked: true } });
  });

  it('is rejected like a verification, once recorded; it counts proven keys itself', () => {
    const unknown = mintToken('kw', 'PRODUCTION').token;
    say(prove(1, unknown));
    expect(takeSent()).toEqual([]);
    safe.splice(0).forEach((done) => done());
    expect(takeSent()).toMatchObject([{ type: 'refused', id: 1, code: 'KEY_NOT_FOUND' }]);
    say(prove(2));
    expect(notes).toMatchObject([{ code: 'KEY_NOT_FOUND', apiKeyId: '' }]);
    expect(tally.byCode.get('KEY_NOT_FOUND')).toBe(1);
    expect(tally.byCode.get('VALID')).toBe(0);
  });

  it('remembers a limited number of keys, and is notified of an evicted one', () => {
    const maxKeys = 100_000;
    const { token, publicPart } = tokens.key;
    const digest = digestToken(PEPPER, token).toString('latin1');
    // The same token finds one key after another, which is the cheapest way.
    for (let i = 0; i <= maxKeys; i++) {
      index.remove(`key_${i - 1}`);
      index.apply(keyRecord({ id: `key_${i}`, publicPart, digest }));
      say(prove(i));
      if (i < maxKeys) takeSent();
    }
    expect(takeSent()).toMatchObject([
      { type: 'forget', keyIds: ['key_0'] },
      { type: 'proved', key: { keyId: `key_${maxKeys}` } },
    ]);
  }, 60_000);

  it('closes when the key of its caller expires, to the millisecond, and answers nothing from then on', () => {
    put('caller', { expiresAtMs: nowMs + 60_000 });
    applied.emit(changed('key_caller'));
    nowMs += 59_999;
    say(prove(1));
    expect(takeSent()).toMatchObject([{ type: 'forget' }, { type: 'proved' }]);
    nowMs += 1;
    say(prove(2));
    expect(closed).toEqual([4401]);
    say(prove(3));
    vi.advanceTimersByTime(5000);
    expect(takeSent()).toEqual([]);
    expect(closed).toEqual([4401]);
  });

  it('closes on its own even without messages', () => {
    put('caller', { expiresAtMs: nowMs + 60_000 });
    nowMs += 60_000;
    vi.advanceTimersByTime(100);
    expect(closed).toEqual([4401]);
  });

  it('closes when the key of its caller changed while the connection was opened', () => {
    const call = {
      ip: null,
      method: 'GET',
      path: '/',
      userAgent: null,
      credentials: { 'x-api-key': tokens.caller.token },
      permissions: NEEDED,
      known: null,
    };
    const caller = expectSync(gate.admit(call));
    put('caller', { revoked: true });
    if (!('proof' in caller)) throw new Error('The caller was refused.');
    const late = verifiers.open(
      { proof: caller.proof, ip: null },
      { send: () => undefined, close: (code) => closed.push(code) },
    );
    expect(closed).toEqual([4401]);
    verifiers.close(late);
  });
});

describe('units that a local verifier leases', () => {
  const limits = { windows: [{ name: 'hour', limit: 100, windowSeconds: 3600 }], quotas: [] };

  it('are recorded for a restart with their last moment before they are sent, as are returned units', () => {
    put('key', { limits });
    say(prove(1));
    takeSent();
    say({ type: 'lease', id: 2, keyId: 'key_key', wanted: 10, needed: 10 });
    expect(takeSent()).toEqual([]);
    expect(touches).toEqual([{ atMs: START + 1000, units: 10 }]);
    safe.splice(0).forEach((done) => done());
    expect(takeSent()).toMatchObject([{ type: 'leased', lease: '1', units: 10, ttlMs: 1000 }]);
    nowMs += 500;
    say({ type: 'release', lease: '1', units: 4 });
    expect(touches).toEqual([
      { atMs: START + 1000, units: 10 },
      { atMs: START + 1000, units: -4 },
    ]);
    nowMs += 500;
    say({ type: 'release', lease: '1', units: 1 });
    expect(touches).toHaveLength(2);
  });

  it('are sent once the shared limits have answered, and returned if the key has changed meanwhile', async () => {
    together = true;
    put('key', { limits: { windows: [{ name: 'minute', limit: 8, windowSeconds: 60 }], quotas: [] } });
    say(prove(1));
    takeSent();
    const lease = async (id: number, meanwhile = (): void => undefined): Promise<LocalMessage[]> => {
      say({ type: 'lease', id, keyId: 'key_key', wanted: 5, needed: 5 });
      expect(takeSent()).toEqual([]);
      meanwhile();
      const before = takeSent();
      await vi.advanceTimersByTimeAsync(0);
      return [...before, ...takeSent()].filter(({ type }) => type !== 'state');
    };
    const revoke = (): void => {
      put('key', { revoked: true });
      applied.emit(changed('key_key'));
    };
    expect(await lease(2, revoke)).toMatchObject([
      { type: 'forget', keyIds: ['key_key'] },
      { id: 2, code: 'NOT_REMEMBERED' },
    ]);
    put('key', { limits: { windows: [{ name: 'minute', limit: 8, windowSeconds: 60 }], quotas: [] } });
    say(prove(3));
    takeSent();
    expect(await lease(4)).toMatchObject([{ type: 'leased', id: 4, units: 5 }]);
    expect(await lease(5)).toMatchObject([{ type: 'leased', id: 5, units: 0, refusedBy: 'WINDOW' }]);
  });
});

describe('the decisions of a local verifier', () => {
  it('change the figures once, by up to an hour back and never into the future', () => {
    const count = {
      keyId: 'key_key',
      code: 'VALID',
      environment: 'PRODUCTION',
      usedPreviousSecret: false,
      count: 5,
      rows: [],
    } as const;
    const batch = {
      batchId: randomUUID(),
      counts: [
        { ...count, atMs: nowMs + 9000 },
        { ...count, atMs: 0 },
      ],
    };
    for (const id of [1, 2]) say({ type: 'usage', id, batch });
    expect(reports).toHaveLength(1);
    expect(reports[0]!.map(({ atMs }) => atMs)).toEqual([START, START - 3_600_000]);
    expect(tally.byCode.get('VALID')).toBe(10);
    expect(takeSent()).toEqual([]);
    safe.splice(0).forEach((done) => done());
    expect(takeSent()).toEqual([1, 2].map((id) => ({ type: 'counted', id })));
  });

  it.each([
    ['the whole installation', ROOT_SCOPE.id, 7],
    ['one customer', 'scp_customer', 0],
  ])('without a proven key, counted from a caller that verifies for %s: %s, %i', (_, scopeId, expected) => {
    put('caller', { grants: [{ scopeId, roleId: null, permissions: ['keywright.verify'] }] });
    applied.emit(changed('key_caller'));
    const count = {
      keyId: '',
      code: 'KEY_NOT_FOUND',
      environment: 'PRODUCTION',
      usedPreviousSecret: false,
      atMs: nowMs,
      count: 7,
      rows: [],
    } as const;
    say({ type: 'usage', id: 1, batch: { batchId: randomUUID(), counts: [count] } });
    safe.splice(0).forEach((done) => done());
    expect(takeSent()).toContainEqual({ type: 'counted', id: 1 });
    expect(tally.byCode.get('KEY_NOT_FOUND')).toBe(expected);
    expect(reports.flat()).toHaveLength(expected === 0 ? 0 : 1);
  });
});
