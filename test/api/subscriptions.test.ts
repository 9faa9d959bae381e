import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { createKey, signIn } from '../support/peers/client.js';
import { openEventStream } from '../support/peers/event-stream.js';
import { eventually, within } from '../support/eventually.js';
import { request } from '../support/peers/graphql.js';
import { subscribe } from '../support/peers/subscribe.js';
import { ownCustomer, type OwnCustomer } from '../support/seed/own-customer.js';

const CHANGED = 'subscription { apiKeyChanged { action apiKey { id name } } }';

let keywright: OwnCustomer;
let bearer: string;
beforeAll(async () => {
  keywright = await ownCustomer();
  ({ bearer } = keywright);
});

interface Message {
  readonly id?: string;
  readonly type: string;
  readonly payload?: unknown;
}

/** A raw socket, to send what no proper client sends. */
class Peer {
  readonly messages: Message[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;

  private constructor(readonly socket: WebSocket) {
    socket.on('message', (data) => this.messages.push(JSON.parse(String(data)) as Message));
    socket.on('error', () => undefined);
    this.closed = once(socket, 'close').then(([code, reason]) => ({
      code: code as number,
      reason: String(reason),
    }));
  }

  static async open(headers: Record<string, string> = {}, protocol = 'graphql-transport-ws'): Promise<Peer> {
    const socket = new WebSocket(`${keywright.url.replace('http', 'ws')}/graphql`, protocol, { headers });
    const peer = new Peer(socket);
    await once(socket, 'open');
    return peer;
  }

  /** The HTTP status of a rejected upgrade. */
  static async refusal(path: string, headers: Record<string, string>): Promise<number> {
    const socket = new WebSocket(`${keywright.url.replace('http', 'ws')}${path}`, 'graphql-transport-ws', {
      headers,
    });
    socket.on('error', () => undefined);
    const [, response] = (await once(socket, 'unexpected-response')) as [unknown, { statusCode: number }];
    socket.terminate();
    return response.statusCode;
  }

  say(message: unknown): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  async init(payload?: unknown): Promise<void> {
    this.say({ type: 'connection_init', payload });
    await this.heard((message) => message.type === 'connection_ack');
  }

  subscribe(id: string, query = CHANGED): void {
    this.say({ id, type: 'subscribe', payload: { query } });
  }

  heard(matches: (message: Message) => boolean, timeoutMs = 5000): Promise<Message> {
    return eventually(() => {
      const found = this.messages.find(matches);
      if (!found) throw new Error(`Not heard; heard ${JSON.stringify(this.messages).slice(0, 500)}`);
      return found;
    }, timeoutMs);
  }
}

const codeIn = (message: Message): unknown => {
  const errors = Array.isArray(message.payload)
    ? message.payload
    : (message.payload as { errors: unknown[] }).errors;
  return (errors[0] as { extensions: { code: string } }).extensions.code;
};
const cookie = (): Record<string, string> => ({ cookie: `keywright_session=${bearer}` });

describe('a WebSocket', () => {
  test('delivers changes of keys immediately', async () => {
    const live = await subscribe<{ apiKeyChanged: { action: string; apiKey: { id: string } } }>(
      keywright.url,
      CHANGED,
      {},
      cookie(),
    );
    const key = await createKey(keywright.url, { bearer });
    const event = await live.next();
    expect(event.apiKeyChanged.apiKey.id).toBe(key.id);
    await live.close();
  });

  test('is authenticated by cookie, token or key, and rejected without one', async () => {
    const { secret } = await createKey(keywright.url, { bearer });
    await (await Peer.open(cookie())).init();
    await (await Peer.open()).init({ authorization: `Bearer ${bearer}` });
    await (await Peer.open()).init({ apiKey: secret });
    for (const [headers, payload] of [
      [{}, undefined],
      [{}, { authorization: `Bearer ${'A'.repeat(43)}` }],
      [{}, { authorization: secret }],
      [{}, { apiKey: 'kw_live_nothing' }],
      [{}, { authorization: 5 }],
      [{}, { apiKey: [secret] }],
      [cookie(), { apiKey: secret }],
      [{ cookie: `keywright_session=${'A'.repeat(43)}` }, undefined],
    ] as [Record<string, string>, unknown][]) {
      const peer = await Peer.open(headers);
      peer.say({ type: 'connection_init', payload });
      expect((await within(5000, peer.closed)).code, JSON.stringify(payload)).toBe(4403);
      expect(peer.messages).toEqual([]);
    }
  });

  test('does nothing before connection_init, and does not wait for it forever', async () => {
    const hasty = await Peer.open(cookie());
    hasty.subscribe('1');
    expect((await within(2000, hasty.closed)).code).toBe(4401);
    const silent = await Peer.open(cookie());
    expect((await within(6000, silent.closed)).code).toBe(4408);
    const twice = await Peer.open(cookie());
    await twice.init();
    twice.say({ type: 'connection_init' });
    expect((await within(2000, twice.closed)).code).toBe(4429);
  });

  test('can be opened only by pages of this installation', async () => {
    for (const origin of ['https://evil.test', 'null', 'http://127.0.0.1:1', `${keywright.url}.evil.test`]) {
      expect(await Peer.refusal('/graphql', { ...cookie(), origin })).toBe(403);
    }
    expect(await Peer.refusal('/graphql', { ...cookie(), 'sec-fetch-site': 'cross-site' })).toBe(403);
    // This path has no WebSocket: the upgrade is ignored and the request answered.
    expect(await Peer.refusal('/livez', cookie())).toBe(200);
    await (await Peer.open({ ...cookie(), origin: keywright.url })).init();
  });

  test('speaks only graphql-transport-ws', async () => {
    const url = `${keywright.url.replace('http', 'ws')}/graphql`;
    const socket = new WebSocket(url, 'graphql-ws', { headers: cookie() });
    let opened = false;
    socket.on('open', () => (opened = true));
    socket.on('error', () => undefined);
    await within(5000, new Promise((resolve) => socket.once('close', resolve)));
    expect(opened).toBe(false);
    for (const nonsense of [
      '{',
      '[]',
      '{"type":"start"}',
      '{"type":"subscribe"}',
      '{"id":1,"type":"subscribe","payload":{}}',
    ]) {
      const peer = await Peer.open(cookie());
      await peer.init();
      peer.say(nonsense);
      expect((await within(5000, peer.closed)).code).toBe(4400);
    }
  });

  test('accepts messages up to 256 KB', async () => {
    const peer = await Peer.open(cookie());
    await peer.init();
    peer.say({ id: '1', type: 'subscribe', payload: { query: 'x'.repeat(300_000) } });
    expect((await within(5000, peer.closed)).code).toBe(1009);
    expect((await fetch(`${keywright.url}/livez`)).status).toBe(200);
  });

  test('carries twenty subscriptions; the next one is rejected until one ends', async () => {
    const peer = await Peer.open(cookie());
    await peer.init();
    for (let i = 1; i <= 21; i++) peer.subscribe(String(i));
    const refused = await peer.heard((message) => message.type === 'error');
    expect(refused.id).toBe('21');
    expect(codeIn(refused)).toBe('QUERY_TOO_COMPLEX');
    peer.say({ id: '1', type: 'complete' });
    peer.subscribe('22');
    const key = await createKey(keywright.url, { bearer });
    const event = await peer.heard((message) => message.id === '22');
    expect(JSON.stringify(event)).toContain(key.id);
    expect(
      peer.messages.some((message) => message.id === '1' && JSON.stringify(message).includes(key.id)),
    ).toBe(false);
    peer.socket.close();
  });

  test('ends with the secret that opened it', async () => {
    const key = await createKey(keywright.url, { bearer }, { permissions: ['keywright.keys.read'] });
    const [old, overlapping] = [await Peer.open(), await Peer.open()];
    const regenerate = async (overlapSeconds: number): Promise<string> => {
      const { regenerateApiKey } = await request<{ regenerateApiKey: { secret: { secret: string } } }>(
        keywright.url,
        `mutation ($id: ID!, $overlap: Int!) {
           regenerateApiKey(id: $id, overlapSeconds: $overlap) { secret { secret } } }`,
        { id: key.id, overlap: overlapSeconds },
        { bearer },
      );
      return regenerateApiKey.secret.secret;
    };
    await old.init({ apiKey: key.secret });
    old.subscribe('1');
    const streamed = await openEventStream(keywright.url, CHANGED, { 'x-api-key': key.secret });

    const second = await regenerate(3600);
    await overlapping.init({ apiKey: second });
    overlapping.subscribe('1');
    await createKey(keywright.url, { bearer });
    for (const peer of [old, overlapping]) await peer.heard(({ type }) => type === 'next');
    expect(old.messages.some((message) => JSON.stringify(message).includes('UNAUTHENTICATED'))).toBe(false);

    await regenerate(0);
    for (const peer of [old, overlapping]) {
      expect((await within(5000, peer.closed)).code).toBe(4401);
      expect(JSON.stringify(peer.messages)).toContain('UNAUTHENTICATED');
    }
    expect(await within(5000, streamed.text())).toContain('UNAUTHENTICATED');
  });

  test('is limited to 32 per caller; other callers have their own', async () => {
    const [one, other] = [
      await createKey(keywright.url, { bearer }),
      await createKey(keywright.url, { bearer }),
    ];
    const peers = await Promise.all(Array.from({ length: 32 }, () => Peer.open()));
    for (const peer of peers) await peer.init({ apiKey: one.secret });
    const refused = await Peer.open();
    refused.say({ type: 'connection_init', payload: { apiKey: one.secret } });
    expect(await within(5000, refused.closed)).toEqual({
      code: 1013,
      reason: 'At most 32 sockets can be open at once.',
    });
    const neighbor = await Peer.open();
    await neighbor.init({ apiKey: other.secret });
    for (const peer of [...peers, neighbor]) peer.socket.close();
    await eventually(async () => {
      const again = await Peer.open();
      await again.init({ apiKey: one.secret });
      again.socket.close();
    });
  });

  test('that closes during authentication uses no slot', async () => {
    for (let round = 0; round < 3; round++) {
      const peers = await Promise.all(Array.from({ length: 25 }, () => Peer.open(cookie())));
      for (const peer of peers) peer.say({ type: 'connection_init' });
      for (const peer of peers) peer.socket.terminate();
      await Promise.all(peers.map(({ closed }) => closed));
    }
    await eventually(async () => {
      const peers = await Promise.all(Array.from({ length: 20 }, () => Peer.open(cookie())));
      for (const peer of peers) await peer.init();
      for (const peer of peers) peer.socket.close();
    });
  });

  test('can name at most 100 keys, in at most 16 KB, per subscription', async () => {
    const ids = (count: number): string[] =>
      Array.from({ length: count }, (_, i) => `key_${String(i).padStart(26, '0')}`);
    const peer = await Peer.open(cookie());
    await peer.init();
    const ask = (id: string, query: string, variables: unknown): void =>
      peer.say({ id, type: 'subscribe', payload: { query, variables } });
    const keys = 'subscription ($ids: [ID!]) { apiKeyChanged(ids: $ids) { action } }';
    const usage = 'subscription ($ids: [ID!]) { usage(apiKeyIds: $ids) { total } }';
    ask('keys', keys, { ids: ids(101) });
    ask('usage', usage, { ids: ids(101) });
    ask('bytes', keys, { ids: ids(600) });
    const codeOf = async (id: string): Promise<string> =>
      JSON.stringify(await peer.heard((message) => message.id === id));
    expect(await codeOf('keys')).toContain('BAD_USER_INPUT');
    expect(await codeOf('usage')).toContain('BAD_USER_INPUT');
    expect(await codeOf('bytes')).toContain('QUERY_TOO_COMPLEX');
    ask('good', keys, { ids: ids(100) });
    ask('live', CHANGED, {});
    await createKey(keywright.url, { bearer });
    await peer.heard((message) => message.id === 'live' && message.type === 'next');
    expect(peer.messages.filter((message) => message.id === 'good')).toEqual([]);
    peer.socket.close();
  });

  test.each([
    ['a query', '{ viewer { permissions } }', 'BAD_USER_INPUT'],
    ['a mutation', 'mutation { signOut }', 'BAD_USER_INPUT'],
    ['something unknown', 'subscription { nothing }', 'BAD_USER_INPUT'],
    ['text that is not GraphQL', 'subscription {', 'BAD_USER_INPUT'],
    [
      '31 aliases',
      `subscription { apiKeyChanged { ${Array.from({ length: 31 }, (_, i) => `a${i}: action`).join(' ')} } }`,
      'QUERY_TOO_COMPLEX',
    ],
    [
      'deep fields',
      `subscription { apiKeyChanged { apiKey ${'{ grants { scope '.repeat(20)}{ id }${' } }'.repeat(20)} } }`,
      'QUERY_TOO_COMPLEX',
    ],
  ])('rejects %s under the limits of every operation', async (_, query, code) => {
    const peer = await Peer.open(cookie());
    await peer.init();
    peer.subscribe('1', query);
    const refused = await peer.heard((message) => message.id === '1');
    expect(refused.type).toBe('error');
    expect(codeIn(refused)).toBe(code);
    peer.socket.close();
  });

  test('receives nothing after the session ends', async () => {
    const leaving = await signIn(keywright.url, keywright.admin);
    const peer = await Peer.open();
    await peer.init({ authorization: `Bearer ${leaving}` });
    peer.subscribe('1');
    await sleep(100);
    const before = await createKey(keywright.url, { bearer });
    await peer.heard((message) => JSON.stringify(message).includes(before.id));
    await request(keywright.url, 'mutation { signOut }', {}, { bearer: leaving });
    await sleep(1100);
    const after = await createKey(keywright.url, { bearer });
    const last = await peer.heard((message) => message.type === 'complete').then(() => peer.messages.at(-2)!);
    expect(codeIn(last)).toBe('UNAUTHENTICATED');
    expect(JSON.stringify(peer.messages)).not.toContain(after.id);
    peer.socket.close();
  });

  test('receives nothing after its caller loses the permission', async () => {
    const { id, secret } = await createKey(keywright.url, { bearer });
    const peer = await Peer.open();
    await peer.init({ apiKey: secret });
    peer.subscribe('1');
    await sleep(100);
    await request(
      keywright.url,
      'mutation ($id: ID!) { disableApiKey(id: $id) { apiKey { id } } }',
      { id },
      { bearer },
    );
    await sleep(1100);
    const after = await createKey(keywright.url, { bearer });
    await peer.heard((message) => message.type === 'complete');
    expect(JSON.stringify(peer.messages)).not.toContain(after.id);
    peer.socket.close();
  });
});
