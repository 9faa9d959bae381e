import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  codes,
  graphql,
  request,
  type Credential,
  type GraphqlResponse,
} from '../../support/peers/graphql.js';
import { signIn } from '../../support/peers/client.js';
import { createRule, listRules } from '../../support/seed/route-rules.js';
import { startKeywright, type Keywright } from '../../support/servers/start-keywright.js';

const CREATE =
  'mutation ($input: CreateRouteRuleInput!, $revision: String) { createRouteRule(input: $input, expectedRevision: $revision) { id position } }';
const MOVE =
  'mutation ($id: ID!, $position: Int!, $version: Int) { moveRouteRule(id: $id, position: $position, expectedVersion: $version) { version } }';
const DELETE = 'mutation ($id: ID!, $version: Int) { deleteRouteRule(id: $id, expectedVersion: $version) }';
const UPDATE = 'mutation ($input: UpdateRouteRuleInput!) { updateRouteRule(input: $input) { id } }';

let keywright: Keywright;
let url: string;
let owner: Credential;
beforeAll(async () => {
  keywright = await startKeywright();
  url = keywright.url;
  owner = { bearer: await signIn(url) };
});
afterAll(() => keywright.stop());
afterEach(async () => {
  for (const { id } of await listRules(url, owner)) await ask(DELETE, { id });
});

const ask = <Data>(query: string, variables: Record<string, unknown> = {}): Promise<Data> =>
  request<Data>(url, query, variables, owner);
const send = (query: string, variables: Record<string, unknown>): Promise<GraphqlResponse<unknown>> =>
  graphql(url, query, variables, owner);
const rule = async (pathPattern: string): Promise<string> =>
  (await createRule(url, owner, { pathPattern })).id;
const paths = async (): Promise<string[]> =>
  (await listRules(url, owner)).map(({ pathPattern }) => pathPattern);
const revision = async (): Promise<string> =>
  (await ask<{ routeRuleRevision: string }>('{ routeRuleRevision }')).routeRuleRevision;
const versionOf = async (id: string): Promise<number> => {
  const { routeRules } = await ask<{ routeRules: { id: string; version: number }[] }>(
    '{ routeRules { id version } }',
  );
  return routeRules.find((each) => each.id === id)!.version;
};
const create = (pathPattern: string, expected: string | null | undefined, position?: number) => {
  const input = { environments: ['PRODUCTION'], method: 'GET', pathPattern, access: 'NOBODY', position };
  return send(CREATE, { input, revision: expected });
};

/** Each way to change the list of /a, /b and /c. */
const CHANGES: readonly (readonly [string, (ids: readonly string[]) => Promise<unknown>])[] = [
  ['another rule at the end', () => rule('/d')],
  ['another rule at the top', () => createRule(url, owner, { pathPattern: '/d', position: 1 })],
  ['a changed description', ([a]) => ask(UPDATE, { input: { id: a, description: 'Other' } })],
  ['a changed path', ([, , c]) => ask(UPDATE, { input: { id: c, pathPattern: '/other' } })],
  ['a rule that moved', ([a]) => ask(MOVE, { id: a, position: 2 })],
  ['a deleted rule', ([, , c]) => ask(DELETE, { id: c })],
  [
    'a rule deleted and created again',
    async ([, , c]) => {
      await ask(DELETE, { id: c });
      await rule('/c');
    },
  ],
  [
    'a rule changed and changed back',
    async ([a]) => {
      await ask(UPDATE, { input: { id: a, method: 'ANY' } });
      await ask(UPDATE, { input: { id: a, method: 'GET' } });
    },
  ],
  [
    'an import',
    () =>
      ask('mutation ($input: OpenApiImportInput!) { importOpenApi(input: $input) { revision } }', {
        input: { document: '{ openapi: 3.1.0, paths: { /made: { get: {} } } }', environments: ['STAGING'] },
      }),
  ],
];

describe('the revision of the list of rules', () => {
  test.each(CHANGES)('is rejected after %s, and nothing is added', async (_, act) => {
    const ids = [await rule('/a'), await rule('/b'), await rule('/c')];
    const seen = await revision();
    await act(ids);
    const now = await revision();
    expect(now).not.toBe(seen);
    const before = await paths();
    const refused = [await create('/new', seen, 1), await create('/new', seen)];
    for (const { errors } of refused) {
      expect(errors.map(({ extensions }) => extensions)).toEqual([
        expect.objectContaining({ code: 'CONFLICT', currentRevision: now }),
      ]);
    }
    expect(await paths()).toEqual(before);
    expect(await revision()).toBe(now);
    expect(codes(await create('/new', now, 1))).toEqual([]);
    expect((await paths())[0]).toBe('/new');
  });

  test('remains valid while nothing changes, and is optional', async () => {
    expect(codes(await create('/a', await revision()))).toEqual([]);
    const [a] = await listRules(url, owner);
    const seen = await revision();
    await ask(UPDATE, { input: { id: a!.id, method: 'GET' } });
    await ask(MOVE, { id: a!.id, position: 1 });
    expect(codes(await create('', seen))).toEqual(['BAD_USER_INPUT']);
    expect(await revision()).toBe(seen);
    for (const expected of [null, undefined]) expect(codes(await create('/b', expected))).toEqual([]);
    for (const wrong of ['', 'x', seen.slice(1), `${seen} `, seen.toLowerCase()]) {
      expect([wrong, codes(await create('/c', wrong))]).toEqual([wrong, ['CONFLICT']]);
    }
  });

  test('has one winner among concurrent additions', async () => {
    await rule('/a');
    const seen = await revision();
    const answers = await Promise.all([1, 2, 3, 4].map((i) => create(`/at-once-${i}`, seen, 1)));
    expect(answers.map(codes).map(String).toSorted()).toEqual(['', 'CONFLICT', 'CONFLICT', 'CONFLICT']);
    expect(await paths()).toHaveLength(2);
  });

  test('is checked before the input', async () => {
    const seen = await revision();
    await rule('/a');
    expect(codes(await create('', seen))).toEqual(['CONFLICT']);
  });
});

describe('moving a rule', () => {
  test('is rejected if others moved meanwhile, before or after it', async () => {
    const ids = [await rule('/a'), await rule('/b'), await rule('/c')];
    const move = (version: number) => send(MOVE, { id: ids[0], position: 2, version });
    const seen = await versionOf(ids[0]!);
    await ask(MOVE, { id: ids[2], position: 2 });
    expect(codes(await move(seen))).toEqual(['CONFLICT']);
    expect(await paths()).toEqual(['/a', '/c', '/b']);
    expect(codes(await move(await versionOf(ids[0]!)))).toEqual([]);
    expect(await paths()).toEqual(['/c', '/a', '/b']);
  });
});

describe('deleting a rule', () => {
  test('is rejected for a stale version, and the rule stays', async () => {
    const id = await rule('/a');
    const seen = await versionOf(id);
    await ask(UPDATE, { input: { id, access: 'NOBODY' } });
    const current = await versionOf(id);
    for (const version of [seen, current + 1, 0, -1]) {
      const { errors } = await send(DELETE, { id, version });
      expect([version, errors.map(({ extensions }) => extensions)]).toEqual([
        version,
        [expect.objectContaining({ code: 'CONFLICT', currentVersion: current })],
      ]);
    }
    expect(await paths()).toEqual(['/a']);
    expect(codes(await send(DELETE, { id, version: current }))).toEqual([]);
    expect(await paths()).toEqual([]);
    expect(codes(await send(DELETE, { id, version: current }))).toEqual(['NOT_FOUND']);
  });
});
