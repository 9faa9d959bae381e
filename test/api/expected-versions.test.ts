import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSchema, isInputObjectType, isNonNullType, isObjectType } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { edit, EDITABLES } from '../support/seed/editables.js';
import { verify } from '../support/peers/client.js';
import { eventually } from '../support/eventually.js';
import { codes } from '../support/peers/graphql.js';
import { Tenancy } from '../support/seed/tenancy.js';

const schema = buildSchema(readFileSync(join(import.meta.dirname, '../../schema/schema.graphql'), 'utf8'));
const mutations = Object.values(schema.getMutationType()!.getFields());
const editing = mutations.filter(({ name }) => /^(?:update|save|move)[A-Z]/.test(name));

let tenancy: Tenancy;
beforeAll(async () => {
  tenancy = await Tenancy.start();
});
afterAll(() => tenancy.stop());

test('every mutation that updates, saves or moves takes expectedVersion', () => {
  const takes = editing.map(({ name, args }) => [
    name,
    String(args.find((argument) => argument.name === 'expectedVersion')?.type),
  ]);
  expect(takes).toEqual(editing.map(({ name }) => [name, 'Int']));
  const tested = [...EDITABLES.map(({ mutation }) => mutation), 'savePreferences'];
  expect([...new Set(tested)].toSorted()).toEqual(editing.map(({ name }) => name).toSorted());
});

test('every type that such a mutation changes has a version', () => {
  for (const { input } of EDITABLES.filter(({ input }) => input !== null)) {
    const type = schema.getType(input!.replace(/^(?:Update|Save)|Input$/g, ''));
    if (!isObjectType(type)) throw new Error(`${input} changes no type.`);
    const version = type.getFields()['version']?.type;
    expect([type.name, isNonNullType(version) && String(version.ofType)]).toEqual([type.name, 'Int']);
  }
});

describe.each(EDITABLES)('$mutation', (editable) => {
  const { mutation, make, version, changes, counts = {}, ignores = {} } = editable;

  test('rejects callers with a stale version, and reports the current one', async () => {
    const id = await make(tenancy);
    const seen = await version(tenancy, id);
    const [first, second = first] = await changes(tenancy);
    if (mutation === 'moveRouteRule') await make(tenancy);
    expect(codes(await edit(tenancy, editable, id, first!, seen))).toEqual([]);
    const current = await version(tenancy, id);
    expect(current).toBeGreaterThan(seen);

    for (const stale of [seen, current + 1, 0, -1]) {
      const refused = await edit(tenancy, editable, id, second!, stale);
      expect([stale, refused.errors.map(({ extensions }) => extensions)]).toEqual([
        stale,
        [expect.objectContaining({ code: 'CONFLICT', currentVersion: current })],
      ]);
    }
    expect(await version(tenancy, id)).toBe(current);
    for (const asked of [current, null, undefined]) {
      expect(codes(await edit(tenancy, editable, id, second!, asked))).toEqual([]);
    }
  });

  test('has one winner among concurrent calls', async () => {
    const id = await make(tenancy);
    const seen = await version(tenancy, id);
    const differing = Array.from({ length: 4 }, (_, i) =>
      mutation === 'moveRouteRule'
        ? { position: 1 }
        : mutation === 'updateRole' || mutation === 'updateUser' || mutation === 'updateScope'
          ? { name: `At once ${i} ${id.slice(-4)}` }
          : { description: `At once ${i}` },
    );
    const answers = await Promise.all(differing.map((change) => edit(tenancy, editable, id, change, seen)));
    expect(answers.map(codes).map(String).toSorted()).toEqual(['', 'CONFLICT', 'CONFLICT', 'CONFLICT']);
  });

  test('returns the version that is read afterwards', async () => {
    const id = await make(tenancy);
    for (const change of await changes(tenancy)) {
      const { data } = await edit(tenancy, editable, id, change);
      const reported = JSON.stringify(data).match(/"version":(\d+)/)?.[1];
      expect([change, Number(reported)]).toEqual([change, await version(tenancy, id)]);
    }
  });

  test('increments for every change, and not for a no-op', async () => {
    const all = await changes(tenancy);
    const id = await make(tenancy);
    for (const change of all) {
      const before = await version(tenancy, id);
      expect(codes(await edit(tenancy, editable, id, change))).toEqual([]);
      const after = await version(tenancy, id);
      expect([change, after > before]).toEqual([change, true]);
      if (mutation !== 'savePermission') expect(codes(await edit(tenancy, editable, id, change))).toEqual([]);
      expect([change, await version(tenancy, id)]).toEqual([change, after]);
    }
  });

  if (Object.keys(counts).length > 0) {
    test('increments for all other changes to the object', async () => {
      const id = await make(tenancy);
      for (const [what, act] of Object.entries(counts)) {
        const before = await version(tenancy, id);
        await act(tenancy, id);
        expect([what, (await version(tenancy, id)) > before]).toEqual([what, true]);
      }
    });
  }

  if (Object.keys(ignores).length > 0) {
    test('does not increment for unrelated changes', async () => {
      const id = await make(tenancy);
      for (const [what, act] of Object.entries(ignores)) {
        const before = await version(tenancy, id);
        await act(tenancy, id);
        expect([what, await version(tenancy, id)]).toEqual([what, before]);
      }
    });
  }
});

test('every field of an update input is covered by the changes tested here', async () => {
  for (const input of new Set(EDITABLES.map(({ input }) => input).filter((input) => input !== null))) {
    const type = schema.getType(input);
    if (!isInputObjectType(type)) throw new Error(`There is no input ${input}.`);
    const tested = ['id', ...(input === 'SavePermissionInput' ? ['name'] : [])];
    for (const editable of EDITABLES.filter((each) => each.input === input)) {
      tested.push(...(await editable.changes(tenancy)).flatMap((change) => Object.keys(change)));
    }
    expect([input, Object.keys(type.getFields()).filter((member) => !tested.includes(member))]).toEqual([
      input,
      [],
    ]);
  }
});

test('a permission is created only by callers who expect version 0', async () => {
  const save = (expectedVersion: number) =>
    tenancy.try(
      `mutation ($version: Int) {
         savePermission(input: { name: "fresh.read", label: "Read", group: "Fresh" }, expectedVersion: $version) { name } }`,
      { version: expectedVersion },
    );
  expect((await save(7)).errors[0]?.extensions).toMatchObject({ code: 'CONFLICT', currentVersion: 0 });
  expect(codes(await save(0))).toEqual([]);
  expect(codes(await save(0))).toEqual(['CONFLICT']);
});

test('preferences have their own version', async () => {
  const save = (theme: string, expectedVersion: number | null) =>
    tenancy.try<{ savePreferences: { preferencesVersion: number } }>(
      `mutation ($preferences: JSON!, $version: Int) {
         savePreferences(preferences: $preferences, expectedVersion: $version) { preferencesVersion } }`,
      { preferences: { theme }, version: expectedVersion },
    );
  const { viewer } = await tenancy.ask<{ viewer: { preferencesVersion: number } }>(
    '{ viewer { preferencesVersion } }',
  );
  const answers = await Promise.all(['dark', 'light'].map((theme) => save(theme, viewer.preferencesVersion)));
  expect(answers.map(codes).map(String).toSorted()).toEqual(['', 'CONFLICT']);
  const saved = answers.find(({ data }) => data)!.data!.savePreferences.preferencesVersion;
  expect(saved).toBeGreaterThan(viewer.preferencesVersion);
  expect(codes(await save('blue', null))).toEqual([]);
});

test('a key keeps its version when it is used or its overlap ends', async () => {
  const { id, secret } = await tenancy.key({ permissions: ['keywright.verify'] });
  const read = async () =>
    (
      await tenancy.ask<{
        apiKey: { version: number; lastUsedAt: string | null; overlapEndsAt: string | null };
      }>('query ($id: ID!) { apiKey(id: $id) { version lastUsedAt overlapEndsAt } }', { id })
    ).apiKey;
  await tenancy.ask(
    'mutation ($id: ID!) { regenerateApiKey(id: $id, overlapSeconds: 1) { apiKey { id } } }',
    {
      id,
    },
  );
  const { version } = await read();
  await verify(tenancy.url, secret, { key: secret });
  await eventually(async () => {
    expect(await read()).toMatchObject({ lastUsedAt: expect.any(String), overlapEndsAt: null });
  });
  // As upkeep does.
  await tenancy.database.query(
    `update api_key set previous_public_part = null, previous_digest = null, previous_pepper_id = null,
       overlap_ends_at = null where id = $1 and overlap_ends_at is not null`,
    [id],
  );
  expect((await read()).version).toBe(version);
});

test('a version reveals nothing to callers who cannot see its object', async () => {
  const { customer } = await tenancy.branch();
  const elsewhere = await tenancy.member([{ scopeId: customer, permissions: ['keywright.*'] }]);
  const { id } = await tenancy.key({});
  for (const expectedVersion of [1, 2, 3, 999]) {
    const answer = await tenancy.try(
      `mutation ($input: UpdateApiKeyInput!, $version: Int) {
         updateApiKey(input: $input, expectedVersion: $version) { apiKey { id } } }`,
      { input: { id, description: 'mine' }, version: expectedVersion },
      elsewhere.credential,
    );
    expect(answer.errors.map(({ extensions }) => [extensions.code, 'currentVersion' in extensions])).toEqual([
      ['NOT_FOUND', false],
    ]);
  }
});
