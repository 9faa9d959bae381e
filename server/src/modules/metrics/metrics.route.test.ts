import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import Fastify from 'fastify';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeVerdict } from '../verification/verdict.js';
import { registerMetricsRoute } from './metrics.route.js';

/** Rejects callers that must show a key. */
const gate = {
  admit: () => ({ verdict: makeVerdict('KEY_MISSING') }),
  safe: () => Promise.resolve(),
};

const app = Fastify();
registerMetricsRoute(app, { registry: new Registry(), gate });
let port: number;

beforeEach(async () => {
  if (!app.server.listening) await app.listen({ host: '127.0.0.1', port: 0 });
  port = (app.server.address() as AddressInfo).port;
});
afterEach(() => app.server.closeAllConnections());

async function status(headers: Record<string, string>): Promise<number | undefined> {
  const outgoing = request({ host: '127.0.0.1', port, path: '/metrics', headers, agent: false }).end();
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
  incoming.resume();
  return incoming.statusCode;
}

it('needs no key from a program on this machine', async () => {
  for (const host of ['127.0.0.1', 'localhost', 'LocalHost', '[::1]']) {
    expect(await status({ host: `${host}:${port}` }), host).toBe(200);
  }
});

it('needs a key for any other Host, which a page or a proxy on this machine could send', async () => {
  for (const host of [
    'keys.example.test',
    `evil.test:${port}`,
    '127.0.0.1',
    `127.0.0.1:${port + 1}`,
    `127.0.0.1:${port}.evil.test`,
  ]) {
    expect(await status({ host }), host).toBe(401);
  }
});

it.each([
  'X-Forwarded-For',
  'X-Forwarded-Proto',
  'X-Forwarded-Server',
  'Forwarded',
  'Via',
  'X-Real-IP',
  'CF-Connecting-IP',
  'X_Forwarded_For',
  'X-Cluster-Client-IP',
  'Fastly-Client-IP',
  'Client-IP',
  'True-Client-IP',
  'WL-Proxy-Client-IP',
  'X-Remote-Addr',
  'X-Original-URL',
  'X-Envoy-External-Address',
  'X-Amzn-Trace-Id',
  'CDN-Loop',
  'Cookie',
  'Upgrade-Insecure-Requests',
  'Origin',
  'Sec-Fetch-Site',
])('needs a key with %s', async (name) => {
  expect(await status({ host: `127.0.0.1:${port}`, [name]: 'x' })).toBe(401);
});
