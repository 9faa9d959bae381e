import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKey, signIn, verify, type CreatedKey, type VerifyBody } from '../support/peers/client.js';
import { keywrightCommand } from '../support/servers/command-line.js';
import { graphql, request } from '../support/peers/graphql.js';
import {
  NONCES_KNOWN_AFTER_MS,
  signByExpiry,
  signByTimestamp,
  signMessage,
  type SignedCall,
} from '../support/peers/signers.js';
import { startKeywright, type Keywright } from '../support/servers/start-keywright.js';

let keywright: Keywright;
let bearer: string;
let gateway: CreatedKey;
let host: string;

beforeAll(async () => {
  keywright = await startKeywright();
  bearer = await signIn(keywright.url);
  gateway = await createKey(keywright.url, { bearer }, { permissions: ['keywright.verify'] });
  host = new URL(keywright.url).host;
  await sleep(NONCES_KNOWN_AFTER_MS);
});
afterAll(() => keywright.stop());

const ALL = ['TIMESTAMP', 'EXPIRY', 'RFC9421'];
const create = (overrides: Record<string, unknown> = {}): Promise<CreatedKey> =>
  createKey(keywright.url, { bearer }, { kind: 'SIGNED', signatureProfiles: ALL, ...overrides });

/** Verifies a signed call. */
const ask = async ({ path, headers }: SignedCall, over: Record<string, unknown> = {}): Promise<VerifyBody> =>
  (
    await verify(keywright.url, gateway.secret, {
      request: { method: 'GET', url: path, headers: { host, ...headers } },
      ...over,
    })
  ).body;
const ping = '/sandbox/production/ping';

describe('a signed key', () => {
  test('is issued with an Access ID and a secret that is shown once and kept sealed', async () => {
    const { createApiKey } = await request<{
      createApiKey: {
        apiKey: { id: string; kind: string; signatureProfiles: string[]; maskedSecret: string };
        secret: { keyId: string; secret: string; csv: string; apiUrl: string };
      };
    }>(
      keywright.url,
      `mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) {
         apiKey { id kind signatureProfiles maskedSecret } secret { keyId secret csv apiUrl } } }`,
      { input: { name: 'Signs', kind: 'SIGNED', signatureProfiles: ['EXPIRY', 'RFC9421', 'EXPIRY'] } },
      { bearer },
    );
    const { apiKey, secret } = createApiKey;
    expect(apiKey).toMatchObject({ kind: 'SIGNED', signatureProfiles: ['RFC9421', 'EXPIRY'] });
    expect(secret.secret).toMatch(/^kws_[0-9A-Za-z]{43}$/);
    expect(apiKey.maskedSecret).toBe(`kws_…${secret.secret.slice(-4)}`);
    expect(secret.csv.split('\r\n')[1]).toBe(`Signs,${secret.apiUrl},${apiKey.id},${secret.secret},Never`);
    const [row] = await keywright.database.query<{ text: string }>(
      'select k::text as text from api_key k where id = $1',
      [apiKey.id],
    );
    expect(row!.text).not.toContain(secret.secret);
    expect(row!.text).not.toContain(Buffer.from(secret.secret).toString('hex'));
  });

  test('shows its signature profiles, and a bearer key has none', async () => {
    const faults = async (input: Record<string, unknown>): Promise<unknown> => {
      const { errors } = await graphql(
        keywright.url,
        'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { apiKey { id } } }',
        { input: { name: 'No such key', ...input } },
        { bearer },
      );
      return errors?.[0]?.extensions;
    };
    for (const input of [
      { kind: 'SIGNED' },
      { kind: 'SIGNED', signatureProfiles: [] },
      { signatureProfiles: ['EXPIRY'] },
    ]) {
      expect(await faults(input)).toMatchObject({
        code: 'BAD_USER_INPUT',
        fields: [{ path: 'signatureProfiles' }],
      });
    }
  });

  test.each([
    ['timestamp', (key: CreatedKey) => signByTimestamp(key, ping)],
    [
      'timestamp, by the other names',
      (key: CreatedKey) =>
        signByTimestamp(key, ping, { headers: ['x-client-id', 'x-timestamp', 'x-signature'] }),
    ],
    ['expiry', (key: CreatedKey) => signByExpiry(key, `${ping}?page=2`)],
    ['expiry, not encoded', (key: CreatedKey) => signByExpiry(key, ping, { encode: (text) => text })],
    ['message signature', (key: CreatedKey) => signMessage(key, `${ping}?page=2`, { authority: host })],
  ])('is proven by its signature, at /v1/verify and at a protected API: %s', async (_, sign) => {
    const key = await create();
    expect(await ask(sign(key), { permission: 'view_customer' })).toMatchObject({
      valid: true,
      keyId: key.id,
    });
    const { path, headers } = sign(key);
    expect((await fetch(`${keywright.url}${path}`, { headers })).status).toBe(200);
    const other = await create();
    expect(await ask(sign({ ...key, secret: other.secret }))).toMatchObject({
      code: 'SIGNATURE_INVALID',
      status: 401,
    });
    expect(await ask(sign({ ...other, id: 'key_01h455vb4pex5vsknk084sn02q' }))).toMatchObject({
      code: 'SIGNATURE_INVALID',
      status: 401,
    });
  });

  test('reveals nothing without the secret: not whether it exists, what it accepts, or its status', async () => {
    const key = await create({ signatureProfiles: ['RFC9421'], enabled: false });
    const wrong = { id: key.id, secret: 'kws_wrong' };
    const nobody = { id: 'key_01h455vb4pex5vsknk084sn02q', secret: 'kws_wrong' };
    for (const sign of [
      (signer: typeof wrong) => signByTimestamp(signer, ping),
      (signer: typeof wrong) => signMessage(signer, ping, { authority: host }),
    ]) {
      const [one, other] = [await ask(sign(wrong)), await ask(sign(nobody))];
      expect({ ...one, requestId: '' }).toEqual({ ...other, requestId: '' });
      expect(one.code).toBe('SIGNATURE_INVALID');
    }
    expect(await ask(signMessage(key, ping, { authority: host }))).toMatchObject({
      code: 'KEY_DISABLED',
      keyId: key.id,
    });
    expect(await ask(signByTimestamp(key, ping))).toMatchObject({
      code: 'SIGNATURE_INVALID',
      keyId: key.id,
      message: expect.stringContaining('TIMESTAMP') as unknown,
    });
  });

  test('is rejected outside the time of its signature', async () => {
    const key = await create();
    const now = Math.floor(Date.now() / 1000);
    for (const call of [
      signByTimestamp(key, ping, { at: now - 305 }),
      signByTimestamp(key, ping, { at: now + 305 }),
      signByTimestamp(key, ping, { at: now * 1000 }),
      signByExpiry(key, ping, { expires: now - 5 }),
      signByExpiry(key, ping, { expires: now + 330 }),
      signMessage(key, ping, { authority: host, created: now - 305 }),
    ]) {
      expect(await ask(call)).toMatchObject({ code: 'SIGNATURE_EXPIRED', status: 401 });
    }
  });

  test('binds a message signature to method, address and query, and accepts it once', async () => {
    const key = await create();
    const call = signMessage(key, `${ping}?a=1`, { authority: host });
    for (const change of [{ method: 'POST' }, { url: `${ping}?a=2` }, { url: `${ping}x?a=1` }]) {
      const request = { method: 'GET', url: call.path, headers: { host, ...call.headers }, ...change };
      expect((await verify(keywright.url, gateway.secret, { request })).body).toMatchObject({
        code: 'SIGNATURE_INVALID',
      });
    }
    expect(await ask(call)).toMatchObject({ valid: true });
    expect(await ask(call)).toMatchObject({ code: 'REPLAYED', status: 401 });
  });

  test('cannot be combined with a key that is sent', async () => {
    const key = await create();
    const call = signByTimestamp(key, ping);
    const headers = { ...call.headers, 'x-api-key': gateway.secret };
    expect(await ask({ ...call, headers })).toMatchObject({ code: 'AMBIGUOUS_CREDENTIAL' });
  });

  test('gets the same verdicts as a bearer key with the same grants', async () => {
    for (const permissions of [['view_customer'], ['ticket.*'], ['*'], []]) {
      const [signed, sent] = [
        await create({ permissions }),
        await createKey(keywright.url, { bearer }, { permissions }),
      ];
      for (const permission of ['view_customer', 'ticket.create', 'account.read', undefined]) {
        const one = await ask(signByTimestamp(signed, ping), { permission });
        const two = (await verify(keywright.url, gateway.secret, { key: sent.secret, permission })).body;
        expect([one.code, one['permissions']]).toEqual([two.code, two['permissions']]);
      }
    }
  });

  test('accepts both secrets during an overlap, and none once it is revoked', async () => {
    const key = await create();
    const mutate = (text: string): Promise<Record<string, never>> =>
      request(keywright.url, `mutation ($id: ID!) { ${text} }`, { id: key.id }, { bearer });
    const codeOf = async (secret: string): Promise<string> =>
      (await ask(signByTimestamp({ id: key.id, secret }, ping))).code;
    const { regenerateApiKey } = (await mutate(
      'regenerateApiKey(id: $id, overlapSeconds: 3600) { secret { secret } }',
    )) as unknown as { regenerateApiKey: { secret: { secret: string } } };
    const { secret } = regenerateApiKey.secret;
    expect([await codeOf(key.secret), await codeOf(secret)]).toEqual(['VALID', 'VALID']);
    const rotated = await keywrightCommand(keywright.settings, ['rotate', 'encryption-key']);
    expect(rotated.code).toBe(0);
    expect([await codeOf(key.secret), await codeOf(secret)]).toEqual(['VALID', 'VALID']);
    await mutate('endApiKeyOverlap(id: $id) { apiKey { id } }');
    expect([await codeOf(key.secret), await codeOf(secret)]).toEqual(['SIGNATURE_INVALID', 'VALID']);
    await mutate('revokeApiKey(id: $id) { apiKey { id } }');
    expect(await codeOf(secret)).toBe('SIGNATURE_INVALID');
    const [row] = await keywright.database.query<{ kept: boolean }>(
      'select sealed_secret is not null or previous_sealed_secret is not null as kept from api_key where id = $1',
      [key.id],
    );
    expect(row!.kept).toBe(false);
  });
});
