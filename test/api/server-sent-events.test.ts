import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { createKey, signIn } from '../support/peers/client.js';
import { openEventStream } from '../support/peers/event-stream.js';
import { eventually, within } from '../support/eventually.js';
import { request } from '../support/peers/graphql.js';
import { ownCustomer, type OwnCustomer } from '../support/seed/own-customer.js';

const CHANGED = 'subscription { apiKeyChanged { action apiKey { id name } } }';

let keywright: OwnCustomer;
let bearer: string;
beforeAll(async () => {
  keywright = await ownCustomer();
  ({ bearer } = keywright);
});

const cookie = (): Record<string, string> => ({ cookie: `keywright_session=${bearer}` });
const stream = (query: string, headers: Record<string, string>, signal?: AbortSignal): Promise<Response> =>
  openEventStream(keywright.url, query, headers, signal);

describe('server-sent events', () => {
  test('deliver changes of keys immediately, until the session ends', async () => {
    const leaving = await signIn(keywright.url, keywright.admin);
    const response = await stream(CHANGED, { authorization: `Bearer ${leaving}` });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    expect(response.headers.get('cache-control')).toBe('no-store');
    let text = '';
    const reading = (async () => {
      for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) text += chunk;
    })();
    const key = await createKey(keywright.url, { bearer });
    await eventually(() => expect(text).toMatch(new RegExp(`event: next\ndata: .*${key.id}.*\n\n`)));
    await request(keywright.url, 'mutation { signOut }', {}, { bearer: leaving });
    await sleep(1100);
    const after = await createKey(keywright.url, { bearer });
    await within(5000, reading);
    expect(text).toMatch(/UNAUTHENTICATED[^]*event: complete/);
    expect(text).not.toContain(after.id);
  });

  test('are rejected without a session, for other sites, and beyond the limits', async () => {
    expect((await stream(CHANGED, {})).status).toBe(401);
    expect((await stream(CHANGED, { ...cookie(), origin: 'https://evil.test' })).status).toBe(403);
    expect((await stream(CHANGED, { ...cookie(), 'content-type': 'text/plain' })).status).toBe(415);
    for (const query of ['{ viewer { permissions } }', 'subscription { nothing }', 'subscription {', '']) {
      const response = await stream(query, cookie());
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
    }
    expect((await fetch(`${keywright.url}/graphql/stream`, { headers: cookie() })).status).toBe(405);
  });

  test('are limited to twenty per caller', async () => {
    const { secret } = await createKey(keywright.url, { bearer });
    const gone = new AbortController();
    const opened = await Promise.all(
      Array.from({ length: 20 }, () => stream(CHANGED, { 'x-api-key': secret }, gone.signal)),
    );
    expect(opened.every((response) => response.status === 200)).toBe(true);
    const refused = await stream(CHANGED, { 'x-api-key': secret });
    expect(refused.status).toBe(429);
    gone.abort();
    await eventually(async () => {
      const again = new AbortController();
      const response = await stream(CHANGED, { 'x-api-key': secret }, again.signal);
      again.abort();
      expect(response.status).toBe(200);
    });
  });
});
