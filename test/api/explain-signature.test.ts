import { createHmac } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKey, verify, type CreatedKey } from '../support/peers/client.js';
import { codes, type Credential, type GraphqlResponse } from '../support/peers/graphql.js';
import { eventually } from '../support/eventually.js';
import {
  NONCES_KNOWN_AFTER_MS,
  signByExpiry,
  signByTimestamp,
  signMessage,
  type SignedCall,
} from '../support/peers/signers.js';
import { Tenancy } from '../support/seed/tenancy.js';

interface Explanation {
  readonly passes: boolean;
  readonly code: string | null;
  readonly profile: string | null;
  readonly stringToSign: string | null;
  readonly notes: readonly string[];
  readonly steps: readonly { name: string; outcome: string; detail: string }[];
}

let tenancy: Tenancy;
let gateway: CreatedKey;
let key: CreatedKey;
const HOST = 'api.example.test';
const PATH = '/sandbox/production/ping';
const now = (): number => Math.floor(Date.now() / 1000);

const signing = (overrides: Record<string, unknown> = {}): Promise<CreatedKey> =>
  createKey(tenancy.url, tenancy.owner, {
    kind: 'SIGNED',
    signatureProfiles: ['TIMESTAMP', 'EXPIRY', 'RFC9421'],
    ...overrides,
  });

beforeAll(async () => {
  tenancy = await Tenancy.shared();
  gateway = await createKey(tenancy.url, tenancy.owner, { permissions: ['keywright.verify'] });
  key = await signing();
  await sleep(NONCES_KNOWN_AFTER_MS);
});
afterAll(() => tenancy.stop());

const ask = (
  pasted: string,
  { apiKeyId = key.id, as, at }: { apiKeyId?: string; as?: Credential; at?: string } = {},
): Promise<GraphqlResponse<{ explainSignature: Explanation }>> =>
  tenancy.try(
    `mutation ($input: ExplainSignatureInput!) { explainSignature(input: $input) {
       passes code profile stringToSign notes steps { name outcome detail } } }`,
    { input: { apiKeyId, pasted, at } },
    as,
  );

async function explain(pasted: string, options?: Parameters<typeof ask>[1]): Promise<Explanation> {
  const { data, errors } = await ask(pasted, options);
  if (!data) throw new Error(`refused: ${JSON.stringify(errors)}`);
  return data.explainSignature;
}

/** A signed call as a user would copy it. */
const httpText = ({ path, headers }: SignedCall, body?: string): string =>
  [
    `${body === undefined ? 'GET' : 'POST'} ${path} HTTP/1.1`,
    `Host: ${HOST}`,
    ...Object.entries(headers).map((header) => header.join(': ')),
    '',
    body ?? '',
  ].join('\n');
const curl = ({ path, headers }: SignedCall): string =>
  [
    `curl 'https://${HOST}${path}'`,
    ...Object.entries(headers).map((header) => `-H '${header.join(': ')}'`),
  ].join(' \\\n  ');

/** The first step that failed. */
const fault = ({ steps }: Explanation): string | undefined => {
  const failed = steps.find(({ outcome }) => outcome === 'FAILED');
  return failed && `${failed.name}: ${failed.detail}`;
};

const withSignature = (call: SignedCall, signature: string): SignedCall => ({
  ...call,
  headers: { ...call.headers, 'X-Frame-Signature': signature },
});

test.each([
  ['timestamp', () => signByTimestamp(key, PATH)],
  ['expiry', () => signByExpiry(key, `${PATH}?page=2`)],
  ['expiry, not encoded', () => signByExpiry(key, PATH, { encode: (text) => text })],
  ['message signature', () => signMessage(key, `${PATH}?page=2`, { authority: HOST })],
])('a correctly signed request passes, as HTTP text and as a curl command: %s', async (_, sign) => {
  const call = sign();
  for (const pasted of [httpText(call), curl(call)]) {
    const explanation = await explain(pasted);
    expect(fault(explanation)).toBeUndefined();
    expect(explanation).toMatchObject({ passes: true, code: null });
    expect(explanation.stringToSign).toContain(key.id);
  }
});

describe('mistakes are found, with the same code as /v1/verify:', () => {
  test.each<[string, () => SignedCall, RegExp]>([
    [
      'another secret',
      () => signByTimestamp({ ...key, secret: 'kws_other' }, PATH),
      /^SIGNATURE: .*a different secret/,
    ],
    [
      'the other order',
      () => {
        const call = signByTimestamp(key, PATH);
        const text = `${key.id}${call.headers['X-Frame-Timestamp']}`;
        return withSignature(call, createHmac('sha256', key.secret).update(text).digest('hex'));
      },
      /^SIGNATURE: .*Access ID was signed before the timestamp/,
    ],
    ['milliseconds', () => signByTimestamp(key, PATH, { at: Date.now() }), /^TIME: .*in milliseconds/],
    ['an old request', () => signByTimestamp(key, PATH, { at: now() - 412 }), /^TIME: .*41\d s behind/],
    [
      'an expiry that passed',
      () => signByExpiry(key, PATH, { expires: now() - 60 }),
      /^TIME: Expires passed/,
    ],
    [
      'base64 for hex',
      () => {
        const call = signByTimestamp(key, PATH);
        const mac = Buffer.from(call.headers['X-Frame-Signature']!, 'hex').toString('base64');
        return withSignature(call, mac);
      },
      /^SHAPE: .*looks like base64.*Otherwise it is right/,
    ],
    [
      'a path that is not the signed one',
      () => ({ ...signMessage(key, PATH, { authority: HOST }), path: '/x' }),
      /^SIGNATURE/,
    ],
    ['another key', () => signByTimestamp(gateway, PATH), /^KEY: /],
    [
      'an additional key',
      () => {
        const call = signByTimestamp(key, PATH);
        return { ...call, headers: { ...call.headers, 'X-API-KEY': gateway.secret } };
      },
      /^CREDENTIAL: /,
    ],
    ['no signature', () => ({ path: PATH, headers: {} }), /^PROFILE: /],
  ])('%s', async (_, sign, expected) => {
    const call = sign();
    const explanation = await explain(httpText(call));
    expect(fault(explanation)).toMatch(expected);
    expect(explanation.passes).toBe(false);
    const request = { method: 'GET', url: call.path, headers: { host: HOST, ...call.headers } };
    expect(explanation.code).toBe((await verify(tenancy.url, gateway.secret, { request })).body.code);
    const { secret } = key;
    expect(JSON.stringify(explanation)).not.toContain(secret);
  });

  test('a body that does not match its digest', async () => {
    const call = signMessage(key, PATH, { method: 'POST', authority: HOST, body: '{"a":1}' });
    expect(await explain(httpText(call, '{"a":1}'))).toMatchObject({ passes: true });
    const changed = await explain(httpText(call, '{"a":2}'));
    expect(changed).toMatchObject({ passes: false, code: 'SIGNATURE_INVALID' });
    expect(fault(changed)).toMatch(/^BODY: /);
  });
});

test('an earlier request is checked as of the time it was sent', async () => {
  const at = now() - 5000;
  const pasted = httpText(signByTimestamp(key, PATH, { at }));
  expect(await explain(pasted)).toMatchObject({ code: 'SIGNATURE_EXPIRED' });
  const sentAt = new Date(at * 1000 + 2000).toISOString();
  expect(await explain(pasted, { at: sentAt })).toMatchObject({ passes: true });
});

test('the previous secret is distinguished from the current one', async () => {
  const rotated = await signing();
  await tenancy.ask(
    'mutation ($id: ID!) { regenerateApiKey(id: $id, overlapSeconds: 3600) { apiKey { id } } }',
    {
      id: rotated.id,
    },
  );
  const { passes, steps } = await explain(httpText(signByTimestamp(rotated, PATH)), { apiKeyId: rotated.id });
  expect(passes).toBe(true);
  expect(steps.find(({ name }) => name === 'SIGNATURE')?.detail).toMatch(
    /previous secret, which works until/,
  );
});

test('nothing is consumed: no nonce, no limit, no usage; and a used nonce is reported', async () => {
  const limited = await signing({ rateLimits: [{ name: 'm', limit: 1, windowSeconds: 3600 }] });
  const call = signMessage(limited, PATH, { authority: HOST });
  const nonceOf = async (): Promise<string | undefined> =>
    (await explain(httpText(call), { apiKeyId: limited.id })).steps.find(({ name }) => name === 'NONCE')
      ?.detail;
  for (let i = 0; i < 3; i++) expect(await nonceOf()).toMatch(/has not seen the nonce yet/);
  const request = { method: 'GET', url: call.path, headers: { host: HOST, ...call.headers } };
  expect((await verify(tenancy.url, gateway.secret, { request })).body).toMatchObject({ code: 'VALID' });
  expect(await nonceOf()).toMatch(/rejected as REPLAYED/);
  const total = async (): Promise<number> => {
    const { apiKey } = await tenancy.ask<{ apiKey: { usage: { total: number } } }>(
      'query ($id: ID!) { apiKey(id: $id) { usage { total } } }',
      { id: limited.id },
    );
    return apiKey.usage.total;
  };
  await eventually(async () => expect(await total()).toBeGreaterThan(0));
  expect(await total()).toBe(1);
  expect(await tenancy.output()).not.toContain(call.headers['Signature']!.slice(5, 40));
});

describe('is rejected:', () => {
  test.each<[string, string, string]>([
    ['garbage', '\u0000\ud800{{', 'pasted'],
    ['nothing', '  ', 'pasted'],
    ['more than 64 KB', `GET / HTTP/1.1\n\n${'x'.repeat(65_536)}`, 'pasted'],
    ['a command without an address', 'curl -s', 'pasted'],
  ])('%s', async (_, pasted, path) => {
    const { errors } = await ask(pasted);
    expect(errors[0]!.extensions).toMatchObject({ code: 'BAD_USER_INPUT', fields: [{ path }] });
  });

  test('a bearer key, a revoked key, and an unknown key', async () => {
    const bearer = await ask('GET / HTTP/1.1', { apiKeyId: gateway.id });
    expect(bearer.errors[0]!.extensions).toMatchObject({
      code: 'BAD_USER_INPUT',
      fields: [{ path: 'apiKeyId' }],
    });
    const revoked = await signing();
    await tenancy.ask('mutation ($id: ID!) { revokeApiKey(id: $id) { apiKey { id } } }', { id: revoked.id });
    expect(codes(await ask('GET / HTTP/1.1', { apiKeyId: revoked.id }))).toEqual(['KEY_REVOKED']);
    for (const apiKeyId of ['key_01h455vb4pex5vsknk084sn02q', '', "'"]) {
      expect(codes(await ask('GET / HTTP/1.1', { apiKeyId }))).toEqual(['NOT_FOUND']);
    }
  });

  test('a key of another scope, like an unknown key', async () => {
    const [here, there] = [await tenancy.scope('CUSTOMER'), await tenancy.scope('CUSTOMER')];
    const other = await signing({ scopeId: there, permissions: [] });
    const { credential } = await tenancy.member([
      { scopeId: here, permissions: ['keywright.verify', 'keywright.keys.read'] },
    ]);
    const unknown = await ask('GET / HTTP/1.1', {
      apiKeyId: 'key_01h455vb4pex5vsknk084sn02q',
      as: credential,
    });
    const foreign = await ask('GET / HTTP/1.1', { apiKeyId: other.id, as: credential });
    expect(codes(foreign)).toEqual(['NOT_FOUND']);
    expect(foreign.errors[0]!.message).toBe(unknown.errors[0]!.message);
    const reader = await tenancy.member([{ permissions: ['keywright.keys.read'] }]);
    expect(codes(await ask('GET / HTTP/1.1', { as: reader.credential }))).toEqual(['FORBIDDEN']);
  });

  test('only a caller who asks too often', async () => {
    const { secret } = await createKey(tenancy.url, tenancy.owner, { permissions: ['keywright.verify'] });
    const found = new Set<string>();
    for (let i = 0; i < 62; i++) {
      const { errors } = await ask('GET / HTTP/1.1', { as: { apiKey: secret } });
      found.add(errors[0]?.extensions.code ?? 'answered');
    }
    expect([...found]).toEqual(['answered', 'TOO_MANY_ATTEMPTS']);
    expect((await explain('GET / HTTP/1.1')).code).toBe('KEY_MISSING');
  });
});
