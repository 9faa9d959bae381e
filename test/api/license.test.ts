import { rm, writeFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createKey, signIn } from '../support/peers/client.js';
import { eventually } from '../support/eventually.js';
import { codes, graphql, request, type GraphqlResponse } from '../support/peers/graphql.js';
import { makeLicensor, writeLicense } from '../support/seed/license.js';
import { startKeywright, temporaryDirectory, type Keywright } from '../support/servers/start-keywright.js';

const licensor = makeLicensor();
const LICENSE = { holder: 'Example GmbH', maximumKeys: 3, validUntil: null };

let directory: string;
let keywright: Keywright;
let bearer: string;
beforeAll(async () => {
  directory = await temporaryDirectory();
});
afterEach(() => keywright.stop());
afterAll(() => rm(directory, { recursive: true, force: true }));

async function start(env: Record<string, string>): Promise<void> {
  keywright = await startKeywright({ env });
  bearer = await signIn(keywright.url);
}
const fileEnv = async (token: string): Promise<Record<string, string>> => ({
  KEYWRIGHT_LICENSE_FILE: await writeLicense(directory, token),
  KEYWRIGHT_LICENSE_PUBLIC_KEY: licensor.publicKey,
});

const run = (query: string, variables: Record<string, unknown> = {}): Promise<GraphqlResponse<unknown>> =>
  graphql<unknown>(keywright.url, query, variables, { bearer });
const create = (name: string): Promise<GraphqlResponse<unknown>> =>
  run(
    'mutation ($name: String!) { createApiKey(input: { name: $name, permissions: [] }) { apiKey { id } } }',
    {
      name,
    },
  );
const on = (field: string, id: string): Promise<GraphqlResponse<unknown>> =>
  run(`mutation ($id: ID!) { ${field}(id: $id) { apiKey { id } } }`, { id });
const license = async (): Promise<Record<string, unknown>> =>
  (
    await request<{ license: Record<string, unknown> }>(
      keywright.url,
      '{ license { maximumKeys usedKeys holder validUntil source } }',
      {},
      { bearer },
    )
  ).license;
const extensions = (response: GraphqlResponse<unknown>): unknown => response.errors[0]?.extensions;

describe('a limit by setting', () => {
  test('applies to creating and duplicating; revoking makes room immediately, and nothing else is limited', async () => {
    await start({ KEYWRIGHT_MAX_KEYS: '2' });
    const first = await createKey(keywright.url, { bearer });
    await createKey(keywright.url, { bearer });
    const full = { code: 'LICENSE_LIMIT_REACHED', used: 2, maximum: 2 };

    const refused = await create('third');
    expect(refused.data).toBeNull();
    expect(extensions(refused)).toMatchObject(full);
    const duplicate = 'mutation ($id: ID!) { duplicateApiKey(id: $id, name: "copy") { apiKey { id } } }';
    expect(extensions(await run(duplicate, { id: first.id }))).toMatchObject(full);
    expect(await license()).toEqual({
      maximumKeys: 2,
      usedKeys: 2,
      holder: null,
      validUntil: null,
      source: 'SETTING',
    });

    for (const field of ['disableApiKey', 'enableApiKey', 'regenerateApiKey']) {
      expect(codes(await on(field, first.id)), field).toEqual([]);
    }
    const extend =
      'mutation ($id: ID!) { updateApiKey(input: { id: $id, expiresOn: "2040-01-01" }) { apiKey { id } } }';
    expect(codes(await run(extend, { id: first.id }))).toEqual([]);

    expect(codes(await on('revokeApiKey', first.id))).toEqual([]);
    expect(await license()).toMatchObject({ usedKeys: 1 });
    expect(codes(await create('third'))).toEqual([]);
    expect(extensions(await create('fourth'))).toMatchObject(full);
    const { nodes } = (
      await request<{ auditEvents: { nodes: { action: string }[] } }>(
        keywright.url,
        '{ auditEvents { nodes { action } } }',
        {},
        { bearer },
      )
    ).auditEvents;
    expect(nodes.filter(({ action }) => action === 'api_key.created')).toHaveLength(3);
  });

  test('of zero rejects the first key', async () => {
    await start({ KEYWRIGHT_MAX_KEYS: '0' });
    expect(extensions(await create('first'))).toMatchObject({ used: 0, maximum: 0 });
  });

  test('50 concurrent creations with room for 10 create exactly 10', async () => {
    await start({ KEYWRIGHT_MAX_KEYS: '13' });
    for (let i = 0; i < 3; i++) await createKey(keywright.url, { bearer });
    const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => create(`parallel ${i}`)));
    const refused = answers.filter(({ errors }) => errors.length > 0);
    expect(answers.length - refused.length).toBe(10);
    for (const answer of refused) {
      expect(extensions(answer)).toMatchObject({ code: 'LICENSE_LIMIT_REACHED', used: 13, maximum: 13 });
    }
    expect(await license()).toMatchObject({ usedKeys: 13 });
    const [{ n }] = (await keywright.database.query<{ n: number }>(
      'select count(*)::integer as n from api_key',
    )) as [{ n: number }];
    expect(n).toBe(13);
  });
});

test('a call that was rejected by the limit can be repeated with the same idempotency key', async () => {
  await start({ KEYWRIGHT_MAX_KEYS: '1' });
  const { id } = await createKey(keywright.url, { bearer });
  const input = { name: 'again', permissions: [], idempotencyKey: 'once' };
  const call = 'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret { secret } } }';
  expect(codes(await run(call, { input }))).toEqual(['LICENSE_LIMIT_REACHED']);
  await on('revokeApiKey', id);
  expect(codes(await run(call, { input }))).toEqual([]);
});

test('without a license there is no limit', async () => {
  await start({});
  await createKey(keywright.url, { bearer });
  expect(await license()).toEqual({
    maximumKeys: null,
    usedKeys: 1,
    holder: null,
    validUntil: null,
    source: 'NONE',
  });
});

describe('a limit by a signed license', () => {
  test('applies, and is reloaded when the file is replaced; an invalid file changes nothing', async () => {
    const env = await fileEnv(licensor.sign({ ...LICENSE, maximumKeys: 1 }));
    await start(env);
    await createKey(keywright.url, { bearer });
    expect(extensions(await create('second'))).toMatchObject({ used: 1, maximum: 1 });
    expect(await license()).toMatchObject({ holder: 'Example GmbH', source: 'FILE', maximumKeys: 1 });

    await writeLicense(directory, licensor.sign({ ...LICENSE, maximumKeys: 2 }));
    await eventually(async () => expect(await license()).toMatchObject({ maximumKeys: 2 }));
    expect(codes(await create('second'))).toEqual([]);

    const outcomeOf = (): number =>
      keywright.process.stdout().split(env['KEYWRIGHT_LICENSE_FILE']!).length - 1;
    expect(outcomeOf()).toBe(0);
    await writeFile(env['KEYWRIGHT_LICENSE_FILE']!, makeLicensor().sign({ ...LICENSE, maximumKeys: 99 }));
    await eventually(async () => {
      await license();
      expect(outcomeOf()).toBe(1);
    });
    expect(extensions(await create('third'))).toMatchObject({ used: 2, maximum: 2 });
  });

  test.each([
    ['2', 2, 'SETTING'],
    ['4', 3, 'FILE'],
  ])('and by a setting of %s: the smaller one, %i, applies', async (setting, maximum, source) => {
    await start({ ...(await fileEnv(licensor.sign(LICENSE))), KEYWRIGHT_MAX_KEYS: setting });
    for (let i = 0; i < maximum; i++) await createKey(keywright.url, { bearer });
    expect(extensions(await create('one more'))).toMatchObject({ used: maximum, maximum });
    expect(await license()).toMatchObject({ maximumKeys: maximum, source, holder: 'Example GmbH' });
  });

  test('that has expired allows no new keys, and says so', async () => {
    await start(await fileEnv(licensor.sign({ ...LICENSE, validUntil: '2040-01-01T00:00:00.000Z' })));
    const { id } = await createKey(keywright.url, { bearer });
    const validUntil = '2026-01-01T00:00:00.000Z';
    await writeLicense(directory, licensor.sign({ ...LICENSE, validUntil }));
    await eventually(async () => expect(await license()).toMatchObject({ validUntil }));
    const refused = await create('late');
    expect(extensions(refused)).toMatchObject({ code: 'LICENSE_LIMIT_REACHED', used: 1, maximum: 3 });
    expect(refused.errors[0]!.message).toContain(`expired at ${validUntil}`);
    expect(codes(await on('regenerateApiKey', id))).toEqual([]);
  });
});
