import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  createLocalVerifier,
  KeywrightError,
  type LocalOptions,
  type LocalVerifier,
} from './local-verifier.js';
import { REFUSAL_TTL_MS } from './leases.js';
import type { LocalRequest } from './protocol.js';
import { sampleKey, ServerPeer } from './server-peer.fixture.js';

const TOKEN = `kw_live_${'t'.repeat(50)}`;
const OTHER = `kw_live_${'o'.repeat(50)}`;

let peer: ServerPeer;
const opened: LocalVerifier[] = [];

async function open(options: Partial<LocalOptions> = {}): Promise<LocalVerifier> {
  const local = createLocalVerifier({ url: peer.url, key: 'kw_live_x', ...options });
  opened.push(local);
  await local.ready();
  return local;
}

const errorOf = (promise: Promise<unknown>): Promise<KeywrightError> =>
  promise.then(
    (answer) => expect.fail(JSON.stringify(answer)),
    (error: KeywrightError) => error,
  );

const until = (check: () => unknown): Promise<void> => vi.waitFor(async () => void (await check()), 3000);

/** Grants every lease in full and counts the units. */
function lend(): { lent: number } {
  const tally = { lent: 0 };
  peer.onLease = ({ id, wanted }) => {
    tally.lent += wanted;
    const limits = [{ name: 'm', limit: 1e6, remaining: 5, windowSeconds: 60, resetSeconds: 9 }];
    const rest = { ttlMs: 800, limits, refusedBy: null, retryAfterSeconds: null };
    peer.say({ type: 'leased', id, lease: `lease ${id}`, units: wanted, ...rest });
  };
  return tally;
}

beforeEach(async () => {
  peer = await ServerPeer.start();
  peer.keys.set(TOKEN, sampleKey());
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((local) => local.close()));
  await peer.stop();
});

describe('a token', () => {
  it('is proven by the server once and decided locally from then on', async () => {
    const local = await open();
    expect(local.verifySync({ key: TOKEN })).toBeUndefined();
    const first = await local.verify({ key: TOKEN, permission: 'view_customer' });
    expect(first).toMatchObject({ valid: true, keyId: 'key_1', metadata: { team: 'crm' } });
    expect(local.verifySync({ key: TOKEN, permission: 'view_customer' })).toMatchObject({ valid: true });
    expect(await local.verify({ key: TOKEN, permission: 'nothing' })).toMatchObject({
      code: 'PERMISSION_DENIED',
    });
    expect(local.verifySync({ key: TOKEN, permission: ['nothing'] })).toMatchObject({
      code: 'PERMISSION_DENIED',
    });
    expect(peer.said('prove')).toHaveLength(1);
    expect(peer.said('judge')).toHaveLength(1);
  });

  it('is proven by one request for concurrent callers, but each rejection takes its own request', async () => {
    const local = await open();
    const ask = (key: string) => Promise.all(Array.from({ length: 20 }, () => local.verify({ key })));
    expect((await ask(TOKEN)).every(({ valid }) => valid)).toBe(true);
    expect(peer.said('prove')).toHaveLength(1);
    expect((await ask(OTHER)).every(({ code }) => code === 'KEY_NOT_FOUND')).toBe(true);
    expect(peer.said('prove')).toHaveLength(21);
    await local.verify({ key: OTHER });
    expect(peer.said('prove')).toHaveLength(22);
  });

  it('is proven again if its key changed during the proof, also for later callers', async () => {
    const local = await open();
    const held: Extract<LocalRequest, { type: 'prove' }>[] = [];
    peer.onProve = (request) => held.push(request);
    const early = local.verify({ key: TOKEN });
    await until(() => expect(held).toHaveLength(1));
    peer.say({ type: 'forget', keyIds: ['key_1'] });
    await sleep(20);
    const late = local.verify({ key: TOKEN });
    await until(() => expect(held).toHaveLength(2));
    peer.prove(held[0]!);
    peer.keys.set(TOKEN, sampleKey({ revoked: true }));
    peer.onProve = (request) => peer.prove(request);
    peer.prove(held[1]!);
    expect((await late).code).toBe('KEY_REVOKED');
    expect((await early).code).toBe('KEY_REVOKED');
    expect(local.verifySync({ key: TOKEN })?.code).toBe('KEY_REVOKED');
  });

  it('is not cached if it is invalidated right after its proof', async () => {
    const local = await open();
    peer.onProve = (request) => {
      peer.prove(request);
      peer.keys.set(TOKEN, sampleKey({ enabled: false }));
      peer.say({ type: 'forget', keyIds: 'ALL' });
      peer.onProve = (again) => peer.prove(again);
    };
    expect((await local.verify({ key: TOKEN })).code).toBe('KEY_DISABLED');
  });

  it('of a previous secret is proven again once its overlap ends', async () => {
    peer.keys.set(TOKEN, sampleKey({ previousSecretUntilMs: Date.now() + 1000 }));
    const local = await open();
    expect(await local.verify({ key: TOKEN })).toMatchObject({ valid: true });
    peer.keys.delete(TOKEN);
    expect(local.verifySync({ key: TOKEN })).toMatchObject({ valid: true });
    await sleep(1020);
    expect(await local.verify({ key: TOKEN })).toMatchObject({ code: 'KEY_NOT_FOUND' });
  });

  it('is evicted for others, and the server is notified', async () => {
    const local = await open({ maxTokens: 2 });
    for (let i = 0; i < 4; i++) {
      peer.keys.set(`token ${i}`, sampleKey({ keyId: `key ${i}` }));
      await local.verify({ key: `token ${i}` });
    }
    await until(() =>
      expect(peer.said('dropped').flatMap(({ keyIds }) => keyIds)).toEqual(['key 0', 'key 1']),
    );
    expect(local.verifySync({ key: 'token 0' })).toBeUndefined();
  });

  it('that the server no longer remembers is proven again', async () => {
    const local = await open();
    await local.verify({ key: TOKEN });
    let failed = 0;
    peer.onJudge = ({ id }) => {
      failed++;
      peer.say({ type: 'failed', id, code: 'NOT_REMEMBERED', retryAfterSeconds: null });
    };
    expect(await local.verify({ key: TOKEN, permission: 'a' })).toMatchObject({ valid: true });
    expect([failed, peer.said('prove').length]).toEqual([1, 2]);
  });
});

describe('the connection', () => {
  it('reconnects after a loss and proves everything again', async () => {
    const local = await open();
    await local.verify({ key: TOKEN });
    peer.cut();
    expect(local.verifySync({ key: TOKEN })).toMatchObject({ valid: true });
    await until(() => expect(peer.connections).toBe(2));
    await until(() => expect(local.verifySync({ key: TOKEN })).toBeUndefined());
    expect(await local.verify({ key: TOKEN })).toMatchObject({ valid: true });
    expect(peer.said('prove')).toHaveLength(2);
  });

  it('to a server with stale data decides nothing until the data is fresh', async () => {
    const local = await open();
    await local.verify({ key: TOKEN });
    peer.say({ type: 'state', state: { ...peer.state(), fresh: false } });
    await until(() => expect(local.verifySync({ key: TOKEN })).toBeUndefined());
    expect(await errorOf(local.verify({ key: TOKEN }))).toMatchObject({ code: 'UNAVAILABLE' });
    peer.say({ type: 'state', state: peer.state() });
    await until(() => expect(local.verifySync({ key: TOKEN })).toMatchObject({ valid: true }));
  });

  it('lost while the server had stale data decides nothing either', async () => {
    const local = await open();
    await local.verify({ key: TOKEN });
    peer.upgradeStatus = 503;
    peer.say({ type: 'state', state: { ...peer.state(), fresh: false } });
    await until(() => expect(local.verifySync({ key: TOKEN })).toBeUndefined());
    peer.cut();
    await sleep(50);
    expect(local.verifySync({ key: TOKEN })).toBeUndefined();
  });

  it('includes the age of the server data in the staleness', async () => {
    peer.maxStalenessMs = 10_000;
    peer.state = () => ({ atMs: Date.now(), ageMs: 8500, fresh: true });
    const local = await open();
    await local.verify({ key: TOKEN });
    peer.upgradeStatus = 503;
    peer.cut();
    await sleep(50);
    expect(local.verifySync({ key: TOKEN })).toMatchObject({ valid: true });
    await sleep(1500);
    expect(local.verifySync({ key: TOKEN })).toBeUndefined();
  });

  it('is read before any decision after this process was stalled', async () => {
    const local = await open();
    await local.verify({ key: TOKEN });
    peer.keys.set(TOKEN, sampleKey({ revoked: true }));
    peer.say({ type: 'forget', keyIds: 'ALL' }, { type: 'state', state: peer.state() });
    // Long enough for the message to arrive without this process reading it.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5100);
    expect(local.verifySync({ key: TOKEN })).toBeUndefined();
    expect(await local.verify({ key: TOKEN })).toMatchObject({ code: 'KEY_REVOKED' });
    expect(peer.connections).toBe(1);
  }, 15_000);

  it('is dropped once it is silent', async () => {
    const local = await open();
    await local.verify({ key: TOKEN });
    await vi.waitFor(() => expect(peer.connections).toBe(2), 9000);
    expect(await local.verify({ key: TOKEN })).toMatchObject({ valid: true });
  }, 15_000);

  it('reports why it is rejected', async () => {
    for (const [status, code] of [
      [401, 'UNAUTHENTICATED'],
      [403, 'FORBIDDEN'],
      [404, 'UNAVAILABLE'],
    ] as const) {
      peer.upgradeStatus = status;
      const local = createLocalVerifier({ url: peer.url, key: 'kw_live_secret' });
      opened.push(local);
      const error = await errorOf(local.ready());
      expect(error).toMatchObject({ code });
      expect(`${error.message} ${String(error.cause)}`).not.toContain('kw_live_secret');
    }
  }, 15_000);

  it('is not awaited after the signal aborts', async () => {
    const local = await open();
    peer.onProve = () => undefined;
    const abort = new AbortController();
    const asked = errorOf(local.verify({ key: TOKEN }, { signal: abort.signal }));
    abort.abort();
    expect(await asked).toMatchObject({ code: 'ABORTED' });
    const hasty = await open({ timeoutMilliseconds: 50 });
    expect(await errorOf(hasty.verify({ key: TOKEN }))).toBeInstanceOf(KeywrightError);
  });
});

describe('a limited key', () => {
  beforeEach(() => void peer.keys.set(TOKEN, sampleKey({ limited: true })));

  it('leases units early enough not to wait for them, and releases unused ones', async () => {
    const tally = lend();
    const local = await open();
    expect(await local.verify({ key: TOKEN })).toMatchObject({ valid: true, limits: [{ remaining: 5 + 7 }] });
    const left: number[] = [];
    const { onLease } = peer;
    let used = 1;
    peer.onLease = (request) => {
      left.push(tally.lent - used);
      onLease(request);
    };
    for (; used < 100; used++) {
      expect(await local.verify({ key: TOKEN })).toMatchObject({ valid: true });
      await sleep(5);
    }
    expect(left.length).toBeGreaterThan(1);
    expect(Math.min(...left)).toBeGreaterThan(0);
    await until(() => {
      const released = peer.said('release').reduce((sum, { units }) => sum + units, 0);
      expect(released + 100).toBe(tally.lent);
    });
  });

  it('serves all waiting callers', async () => {
    const tally = lend();
    const local = await open();
    const answers = await Promise.all(
      Array.from({ length: 300 }, () => local.verify({ key: TOKEN, cost: 2 })),
    );
    expect(answers.every(({ valid }) => valid)).toBe(true);
    expect(tally.lent).toBeGreaterThanOrEqual(600);
    await local.close();
    const released = peer.said('release').reduce((sum, { units }) => sum + units, 0);
    expect(released + 600).toBe(tally.lent);
  });

  it('is rejected for a moment without asking each time', async () => {
    peer.onLease = ({ id }) => {
      const limits = [{ name: 'm', limit: 5, remaining: 0, windowSeconds: 60, resetSeconds: 9 }];
      const refusal = { units: 0, ttlMs: 0, refusedBy: 'WINDOW', retryAfterSeconds: 3 } as const;
      peer.say({ type: 'leased', id, lease: null, limits, ...refusal });
    };
    const local = await open();
    const startedAt = performance.now();
    const answers = await Promise.all(Array.from({ length: 100 }, () => local.verify({ key: TOKEN })));
    const moments = Math.ceil((performance.now() - startedAt) / REFUSAL_TTL_MS);
    expect(new Set(answers.map(({ code }) => code))).toEqual(new Set(['RATE_LIMITED']));
    expect(answers[0]).toMatchObject({
      status: 429,
      retryAfter: 3,
      keyId: 'key_1',
      limits: [{ remaining: 0 }],
    });
    const asked = peer.said('lease').length;
    // One request per refusal period; on a busy machine a hundred calls can take several periods.
    expect(asked).toBeLessThanOrEqual(moments);
    await sleep(REFUSAL_TTL_MS * 1.5);
    await local.verify({ key: TOKEN });
    expect(peer.said('lease')).toHaveLength(asked + 1);
  });
});

describe('usage', () => {
  it('is reported each second, and resent under the same id until it is counted', async () => {
    peer.counts = false;
    const local = await open();
    for (let i = 0; i < 50; i++) await local.verify({ key: TOKEN, requestId: 'mine' });
    await until(() => expect(peer.said('usage')).toHaveLength(1));
    peer.cut();
    await until(() => expect(peer.said('usage').length).toBeGreaterThan(1));
    peer.counts = true;
    peer.cut();
    await until(() => expect(peer.said('usage').length).toBeGreaterThan(2));
    await local.close();
    const batches = new Map(peer.said('usage').map(({ batch }) => [batch.batchId, batch]));
    const counts = [...batches.values()].flatMap((batch) => batch.counts);
    expect(counts.reduce((sum, { count }) => sum + count, 0)).toBe(50);
    expect(counts[0]).toMatchObject({ keyId: 'key_1', code: 'VALID', environment: 'PRODUCTION' });
    expect(counts[0]!.rows.length).toBe(20);
    expect(counts[0]!.rows[0]!.requestId).toMatch(/^req_/);
    expect(JSON.stringify(counts)).not.toContain('tttttttt');
  });
});

describe('a question without a single plain key', () => {
  it('is sent to the server', async () => {
    const local = await open();
    await local.verify({ key: TOKEN });
    const headers = { 'x-api-key': TOKEN };
    const odd = [
      {},
      { request: { headers: { 'x-api-key': [TOKEN, TOKEN] } } },
      { request: { headers: { 'x-api-key': TOKEN, 'X-API-KEY': TOKEN } } },
      { request: { headers: { ...headers, authorization: 'Bearer x' } } },
      { request: { headers: { ...headers, 'signature-input': '' } } },
      { request: { headers: { ...headers, 'X-Signature': 'x' } } },
      { request: { headers, url: `/?k=${OTHER}` } },
      { request: { headers, url: `/?k=${OTHER.replace('_', '%5F')}` } },
      { request: { headers, url: '/?AccessID=a&Signature=b' } },
      { key: TOKEN, request: { headers: { 'x-api-key': OTHER } } },
      { key: 'x'.repeat(300) },
    ];
    for (const question of odd) {
      expect(local.verifySync(question), JSON.stringify(question)).toBeUndefined();
      expect(await local.verify(question)).toMatchObject({ requestId: 'http' });
    }
    expect(peer.posted).toEqual(odd);
    const fine = [
      { request: { headers: { 'X-API-Key': [TOKEN], authorization: '' } } },
      { request: { headers, url: '/?page_size=2&q=%5Ba_b%5D&Signature=c' } },
      {
        key: TOKEN,
        request: { headers: { ...headers, authorization: 'Basic eA==', 'signature-input': 'x' } },
      },
    ];
    for (const question of fine)
      expect(local.verifySync(question), JSON.stringify(question)).toMatchObject({ valid: true });
  });
});

it('closes cleanly while still connecting', async () => {
  const local = createLocalVerifier({ url: peer.url, key: 'kw_live_x' });
  await expect(local.close()).resolves.toBeUndefined();
});

it('rejects every call after close', async () => {
  const local = await open();
  await local.verify({ key: TOKEN });
  await local.close();
  expect(local.verifySync({ key: TOKEN })).toBeUndefined();
  expect(await errorOf(local.verify({ key: TOKEN }))).toMatchObject({ code: 'CLOSED' });
});
