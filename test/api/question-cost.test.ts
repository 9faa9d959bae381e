import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKey, signIn, type CreatedKey } from '../support/peers/client.js';
import {
  authorizeRequest,
  CostMeter,
  dearQuestions,
  MAX_COST_RATIO,
  verifyRequest,
} from '../support/peers/question-cost.js';
import { startKeywright, type Keywright } from '../support/servers/start-keywright.js';
import { LONGER } from '../support/property-runs.js';

let keywright: Keywright;
let gateway: CreatedKey;
let key: CreatedKey;
let meter: CostMeter;

beforeAll(async () => {
  keywright = await startKeywright({ env: { KEYWRIGHT_TRUSTED_PROXIES: '127.0.0.0/8' } });
  const bearer = await signIn(keywright.url);
  gateway = await createKey(keywright.url, { bearer }, { permissions: ['keywright.verify'] });
  key = await createKey(keywright.url, { bearer });
  meter = new CostMeter(keywright.process.pid, Number(new URL(keywright.url).port));
});
afterAll(async () => {
  meter?.close();
  await keywright?.stop();
});

const plain = (): Buffer =>
  verifyRequest(gateway.secret, {
    key: key.secret,
    request: { method: 'GET', url: '/crm/customers?page=2', ip: '203.0.113.9' },
    permission: 'view_customer',
  });

/** The cost of a request in plain questions, which are measured before and after it. */
async function ratioOf(request: Buffer): Promise<number> {
  const before = await meter.costOf(plain(), { rounds: 3, perRound: 50 });
  const cost = await meter.costOf(request);
  const after = await meter.costOf(plain(), { rounds: 3, perRound: 50 });
  return cost / Math.max(before, after);
}

test('a question over a limit is rejected with 400 or 413, and says which limit', async () => {
  const tell = async (body: unknown, path = '/v1/verify'): Promise<string> => {
    const response = await fetch(`${keywright.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': gateway.secret },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    const { code, detail } = (await response.json()) as { code: string; detail: string };
    expect(code).toBe('BAD_USER_INPUT');
    return `${response.status} ${detail}`;
  };
  const names = (count: number): object =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`h${i}`, '']));
  const empty = Array.from({ length: 3000 }, () => '');
  expect(await tell('['.repeat(50_000))).toMatch(/^400 .*8 levels/);
  expect(await tell('['.repeat(900_000))).toMatch(/^413 .*98304 bytes/);
  expect(await tell({ key: 'k'.repeat(1_000_000) })).toMatch(/^413 .*98304 bytes/);
  expect(await tell({ request: { headers: names(5000) } })).toMatch(/^400 .*400 fields/);
  expect(await tell({ request: { headers: names(257) } })).toMatch(/^400 .*256 headers/);
  expect(await tell({ request: { headers: { 'x-api-key': empty } } })).toMatch(/^400 .*400 fields/);
  expect(await tell({ request: { headers: { 'x-api-key': empty.slice(0, 300) } } })).toMatch(
    /^400 .*256 headers/,
  );
  const batch = '/v1/verify/batch';
  expect(await tell({ requests: [{ key: 'k'.repeat(99_000) }] }, batch)).toMatch(/^400 .*98304 bytes/);
  expect(
    await tell({ requests: Array.from({ length: 8 }, () => ({ key: 'k'.repeat(90_000) })) }, batch),
  ).toMatch(/^413 .*524288 bytes/);
  expect(await tell({ requests: [{ request: { headers: names(500) } }] }, batch)).toMatch(
    /^400 .*400 fields/,
  );
});

describe.runIf(process.platform === 'linux')('the cost of a question, in plain ones', () => {
  test('is bounded for those designed to be expensive', async () => {
    const dear: Record<string, number> = {};
    for (const [what, request] of Object.entries(dearQuestions(gateway.secret, key.secret))) {
      const ratio = await ratioOf(request);
      if (ratio > MAX_COST_RATIO) dear[what] = ratio;
    }
    expect(dear).toEqual({});
  }, 120_000);

  test('is bounded for anything that can be sent', { timeout: 180_000 * LONGER }, async () => {
    const piece = fc.constantFrom(
      'a',
      ',',
      '%25',
      '%5f',
      '_live_',
      '&a=',
      '漢',
      '"',
      '\u0001',
      ';',
      '/',
      ' ',
      '=(',
    );
    const text = fc.tuple(piece, piece, fc.nat(30_000)).map(([a, b, times]) => (a + b).repeat(times));
    const name = fc.constantFrom(
      'x-api-key',
      'authorization',
      'signature',
      'signature-input',
      'user-agent',
      'H',
    );
    const headers = fc
      .array(fc.tuple(name, fc.nat(400), text, fc.nat(300)), { maxLength: 4 })
      .map((parts) =>
        Object.fromEntries(
          parts.flatMap(([header, copies, value, values]) => [
            [header, values < 250 ? value : Array.from({ length: values }, () => value.slice(0, 100))],
            ...Array.from({ length: copies }, (_, i) => [`${header}-${i}`, value.slice(0, 50)]),
          ]),
        ),
      );
    const question = fc.record(
      {
        key: text,
        permission: fc.oneof(text, fc.array(text, { maxLength: 60 })),
        requestId: text,
        request: fc.record(
          { method: text, url: text.map((tail) => `/?${tail}`.slice(0, 10_000)), headers, ip: text },
          { requiredKeys: ['url', 'headers'] },
        ),
      },
      { requiredKeys: ['request'] },
    );
    const nested = fc
      .tuple(fc.constantFrom('[', '{"a":', '[1,', '{"a":1,"b":'), fc.nat(100_000))
      .map(([open, times]) => open.repeat(times));
    const sent = fc.oneof(
      { weight: 4, arbitrary: question.map((body) => verifyRequest(gateway.secret, body)) },
      { weight: 1, arbitrary: nested.map((body) => verifyRequest(gateway.secret, body)) },
      {
        weight: 2,
        arbitrary: question.map((body) =>
          verifyRequest(gateway.secret, { requests: [body] }, '/v1/verify/batch'),
        ),
      },
      {
        weight: 1,
        arbitrary: fc
          .tuple(fc.constantFrom('a', '%25', '&a='), fc.nat(3000), fc.nat(3000))
          .map(([piece_, times, lines]) =>
            authorizeRequest(key.secret, `/?${piece_.repeat(times)}`, [
              'X-Forwarded-For: 203.0.113.9:1',
              ...Array.from({ length: lines }, (_, i) => `a${i}: b`),
            ]),
          ),
      },
    );
    await fc.assert(
      fc.asyncProperty(sent, async (request) => {
        expect(await ratioOf(request)).toBeLessThan(MAX_COST_RATIO);
      }),
      { numRuns: 40 * LONGER },
    );
  });
});
