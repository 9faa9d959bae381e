import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKey, signIn } from '../support/peers/client.js';
import { freshDatabase } from '../support/servers/fresh-database.js';
import { codes, graphql, request } from '../support/peers/graphql.js';
import { spawnServer } from '../support/servers/server-process.js';
import { startKeywright, type Keywright } from '../support/servers/start-keywright.js';

/** Names in the expected order. */
const SORTED = ['Äpfel', 'banane', 'Österreich', 'Ｔｏｋｙｏ', 'Zebra', 'Zürich'];
const DECOMPOSED = SORTED.map((name) => name.normalize('NFD'));

let keywright: Keywright;
let bearer: string;

const ask = <Data>(query: string, variables: Record<string, unknown> = {}): Promise<Data> =>
  request<Data>(keywright.url, query, variables, { bearer });

beforeAll(async () => {
  keywright = await startKeywright();
  bearer = await signIn(keywright.url);
  for (const name of [...DECOMPOSED].reverse()) {
    await createKey(keywright.url, { bearer }, { name, description: `Für ${name}` });
    const { createScope } = await ask<{ createScope: { id: string } }>(
      `mutation ($name: String!, $email: String!) {
         createScope(input: { kind: CUSTOMER, parentId: "scp_00000000000000000000000000", name: $name, email: $email }) { id } }`,
      { name, email: `${SORTED.indexOf(name.normalize())}@example.test` },
    );
    await ask(
      `mutation ($name: String!, $scopeId: ID!) {
         createServiceAccount(input: { name: $name, scopeId: $scopeId, grants: [] }) { id } }`,
      { name, scopeId: createScope.id },
    );
    await ask(`mutation ($name: String!) { createRole(input: { name: $name, permissions: [] }) { id } }`, {
      name,
    });
  }
});
afterAll(() => keywright.stop());

interface Page {
  nodes: { name: string }[];
  pageInfo: { hasNextPage: boolean; endCursor: string };
}

/** Names of a list, read two per page, to exercise the cursors. */
async function namesOf(list: string, args = ''): Promise<string[]> {
  const names: string[] = [];
  for (let after: string | null = null; ;) {
    const page: Page = (
      await ask<Record<string, Page>>(
        `query ($after: String) { ${list}(first: 2, after: $after${args}) {
           nodes { name } pageInfo { hasNextPage endCursor } } }`,
        { after },
      )
    )[list]!;
    names.push(...page.nodes.map(({ name }) => name.normalize()));
    if (!page.pageInfo.hasNextPage) return names;
    after = page.pageInfo.endCursor;
  }
}

describe('names', () => {
  test('are sorted as people expect, in every list and on every page', async () => {
    expect(await namesOf('apiKeys', ', sort: { field: NAME }')).toEqual(SORTED);
    expect(await namesOf('apiKeys', ', sort: { field: NAME, direction: DESC }')).toEqual(SORTED.toReversed());
    expect(await namesOf('scopesConnection', ', kind: CUSTOMER')).toEqual(SORTED);
    expect(await namesOf('serviceAccounts')).toEqual(SORTED);
    const { roles } = await ask<{ roles: { name: string; builtIn: boolean }[] }>(
      '{ roles { name builtIn } }',
    );
    expect(roles.filter(({ builtIn }) => !builtIn).map(({ name }) => name.normalize())).toEqual(SORTED);
  });

  test.each([
    ['Zürich', 'Zürich'],
    ['ZU\u0308RICH', 'Zürich'],
    ['ｚüｒｉｃｈ', 'Zürich'],
    ['tokyo', 'Ｔｏｋｙｏ'],
    ['äPFEL', 'Äpfel'],
    ['FÜR ÖSTER', 'Österreich'],
  ])('are found by %j', async (text, name) => {
    const search = JSON.stringify(text);
    expect(await namesOf('apiKeys', `, filter: { search: ${search} }`)).toEqual([name]);
    if (text.startsWith('FÜR')) return;
    expect(await namesOf('scopesConnection', `, kind: CUSTOMER, search: ${search}`)).toEqual([name]);
    expect(await namesOf('serviceAccounts', `, search: ${search}`)).toEqual([name]);
  });

  test.each(['％', '＿', '＼', '%', '_'])(
    'are not all found by %j, which is not a wildcard',
    async (text) => {
      expect(await namesOf('apiKeys', `, filter: { search: ${JSON.stringify(text)} }`)).toEqual([]);
      expect(await namesOf('serviceAccounts', `, search: ${JSON.stringify(text)}`)).toEqual([]);
    },
  );
});

test.each([
  ['Operator', 'Ｏｐｅｒａｔｏｒ'],
  ['Zürich', 'ZÜRICH'],
  ['Zürich', 'Ｚürich'],
  ['Äpfel', 'äpfel'],
])('a role cannot have the name %s in other characters: %s', async (_, name) => {
  const create = 'mutation ($input: CreateRoleInput!) { createRole(input: $input) { id } }';
  const update = 'mutation ($input: UpdateRoleInput!) { updateRole(input: $input) { id } }';
  const taken = async (query: string, input: object): Promise<void> => {
    const answer = await graphql(keywright.url, query, { input }, { bearer });
    expect(codes(answer)).toEqual(['NAME_TAKEN']);
    expect(JSON.stringify(answer.errors)).toContain('"path":"name"');
  };
  await taken(create, { name, permissions: [] });
  const { roles } = await ask<{ roles: { id: string; name: string }[] }>('{ roles { id name } }');
  await taken(update, { id: roles.find((role) => role.name === 'banane')!.id, name });
});

test('a PostgreSQL without ICU is rejected with a clear error', async () => {
  const bare = await freshDatabase();
  try {
    // The collations that initdb omits when built without ICU.
    await bare.query(
      `set allow_system_table_mods = on; delete from pg_collation where collprovider = 'i' and collname like '%-x-icu'`,
    );
    const server = spawnServer({
      ...keywright.settings,
      DATABASE_URL: bare.url,
      KEYWRIGHT_DATA_DIR: `${keywright.dataDir}/bare`,
    });
    expect((await server.ended).code).toBe(1);
    expect(server.stderr()).toContain('this PostgreSQL was built without it');
    expect(server.stderr()).not.toContain(' at ');
  } finally {
    await bare.drop();
  }
});
