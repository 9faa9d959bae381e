import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { getIntrospectionQuery } from 'graphql';
import { createKey, signIn } from '../support/peers/client.js';
import { codes, graphql, type GraphqlResponse } from '../support/peers/graphql.js';
import { startKeywright, type Keywright } from '../support/servers/start-keywright.js';

let keywright: Keywright;
let bearer: string;

beforeAll(async () => {
  keywright = await startKeywright();
  bearer = await signIn(keywright.url);
  await createKey(keywright.url, { bearer });
});
afterAll(() => keywright.stop());

const repeat = (count: number, one: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => one(i)).join(' ');
const send = (query: string, variables = {}): Promise<GraphqlResponse<Record<string, unknown>>> =>
  graphql(keywright.url, query, variables, { bearer });
const post = (body: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${keywright.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${bearer}`, ...headers },
    body,
  });

/** Memory of the server in MB; 0 if unknown. */
async function memory({ process: server }: Keywright): Promise<number> {
  if (process.platform !== 'linux') return 0;
  const status = await readFile(`/proc/${server.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}

const HOSTILE: [string, string][] = [
  [
    'fields nested 50 deep',
    `{ apiKeys { nodes ${'{ grants { scope '.repeat(25)} { id } ${'} }'.repeat(25)} } }`,
  ],
  ['10,000 aliases', `{ ${repeat(10_000, (i) => `a${i}: __typename`)} }`],
  ['31 aliases', `{ ${repeat(31, (i) => `a${i}: apiKeyCounts { total }`)} }`],
  ['a field 5,000 times', `{ viewer { ${'permissions '.repeat(5000)} } }`],
  ['a field 1,000 times', `{ viewer { ${'permissions '.repeat(1000)} } }`],
  ['500 directives', `{ viewer { permissions ${'@skip(if: false) '.repeat(300)} } }`],
  [
    'fragments in a circle',
    '{ viewer { ...A } } fragment A on Viewer { ...B } fragment B on Viewer { ...A }',
  ],
  [
    'fragments that double 30 times',
    `{ viewer { ...F30 } } fragment F0 on Viewer { permissions } ${repeat(30, (i) => `fragment F${i + 1} on Viewer { ...F${i} ...F${i} }`)}`,
  ],
  ['a field in 245 inline fragments', `{ ${repeat(245, () => '...{installation{publicUrl}}')} }`],
  [
    'a field in 140 fragments',
    `{ ${repeat(140, (i) => `...F${i}`)} } ${repeat(140, (i) => `fragment F${i} on Query{installation{publicUrl}}`)}`,
  ],
  [
    'a fragment that nobody uses',
    '{ viewer { permissions } } fragment A on Query { installation { publicUrl } }',
  ],
  ['a 120 KB document', `{ viewer { permissions } } ${'#\n'.repeat(60_000)}`],
  ['deep lists in an argument', `{ node(id: ${'['.repeat(800)}${']'.repeat(800)}) { id } }`],
  ['two operations', 'query A { viewer { permissions } } query B { viewer { permissions } }'],
  [
    'pages of everything, three deep',
    '{ apiKeys(first: 100) { nodes { requestLogs(first: 100) { nodes { apiKey { auditEvents(first: 100) { nodes { id } } } } } } } }',
  ],
  [
    'pages in variables, three deep',
    'query ($n: Int) { apiKeys(first: $n) { nodes { requestLogs(first: $n) { nodes { apiKey { auditEvents(first: $n) { nodes { id } } } } } } } }',
  ],
  ['lists without paging, four deep', '{ scopes { path { children { path { children { id } } } } } }'],
  [
    'long lists without paging, ten times',
    `{ ${repeat(10, (i) => `r${i}: routeRules { id method environments pathPattern description }`)} }`,
  ],
  ['a subscription by POST', 'subscription { apiKeyChanged { at } }'],
];

describe('a document with', () => {
  test.each(HOSTILE)('%s is rejected before it runs', async (_, query) => {
    const response = await send(query);
    expect(response.status).toBe(400);
    expect(response.data).toBeNull();
    expect(response.errors).toHaveLength(1);
    expect(['BAD_USER_INPUT', 'QUERY_TOO_COMPLEX']).toContain(codes(response)[0]);
  });

  const megabyte = JSON.stringify({ query: `{ viewer { permissions } } ${'#'.repeat(1024 * 1024)}` });

  test('a megabyte is rejected unread, unless the caller can import documents', async () => {
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: megabyte };
    const response = await fetch(`${keywright.url}/graphql`, init).catch(() => undefined);
    // The connection may be cut while the client still sends.
    if (response) expect(response.status).toBe(413);
    expect((await post(megabyte)).status).toBe(400);
  });

  test('variables of 240 KB are accepted only from signed-in callers', async () => {
    const variables = { id: 'x'.repeat(240_000) };
    const body = JSON.stringify({ query: 'query ($id: ID!) { node(id: $id) { id } }', variables });
    expect((await post(body)).status).not.toBe(413);
    const headers = { 'content-type': 'application/json' };
    for (const sent of [body, new Blob([body]).stream()]) {
      const init = { method: 'POST', headers, body: sent, duplex: 'half' } as const;
      const response = await fetch(`${keywright.url}/graphql`, init).catch(() => undefined);
      // The connection may be cut while the client still sends.
      if (response) expect(response.status).toBe(413);
    }
  });

  test('a megabyte without a declared length is cut off', async () => {
    const body = new Blob([megabyte]).stream();
    const init = {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      duplex: 'half',
    } as const;
    const response = await fetch(`${keywright.url}/graphql`, init).catch(() => undefined);
    if (response) expect(response.status).toBe(413);
    const small = new Blob([JSON.stringify({ query: '{ installation { publicUrl } }' })]).stream();
    expect((await fetch(`${keywright.url}/graphql`, { ...init, body: small })).status).toBe(200);
  });

  test('hostile content leaves the server as fast and as small as before', async () => {
    for (const [, query] of HOSTILE) await send(query);
    const before = await memory(keywright);
    for (let round = 0; round < 10; round++) await Promise.all(HOSTILE.map(([, query]) => send(query)));
    expect((await memory(keywright)) - before).toBeLessThan(100);
    expect(codes(await send('{ viewer { permissions } }'))).toEqual([]);
  });
});

test('hundreds of different documents do not increase memory use', async () => {
  const own = await startKeywright();
  const send = async (i: number): Promise<void> => {
    const query = `{ installation { publicUrl } } #${i}\n${'#\n'.repeat(22_000)}`;
    expect((await graphql(own.url, query)).errors).toEqual([]);
  };
  try {
    // Warm up until memory stops growing, including garbage not yet returned to the system.
    for (let i = 0; i < 250; i++) await send(i);
    const before = await memory(own);
    for (let i = 250; i < 600; i++) await send(i);
    expect((await memory(own)) - before).toBeLessThan(250);
  } finally {
    await own.stop();
  }
});

describe('a request body', () => {
  test.each([
    [
      'a list of operations',
      JSON.stringify(Array.from({ length: 100 }, () => ({ query: '{ viewer { permissions } }' }))),
    ],
    ['an empty list', '[]'],
    ['anything but an object', '"{ viewer { permissions } }"'],
    ['null', 'null'],
    ['no operation', '{}'],
    ['an operation that is not a string', '{"query": {"kind": "Document"}}'],
    ['variables that are not an object', '{"query": "{ viewer { permissions } }", "variables": "{}"}'],
    ['a list of variables', '{"query": "{ viewer { permissions } }", "variables": [1]}'],
    ['an operation name that is not a string', '{"query": "{ viewer { permissions } }", "operationName": 5}'],
    ['text that is not JSON', '{"query": '],
    ['an empty body', ''],
    ['a persisted query', '{"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "00"}}}'],
  ])('with %s gets a descriptive 400', async (_, body) => {
    const response = await post(body);
    expect(response.status).toBe(400);
    const parsed = (await response.json()) as {
      errors: { message: string; extensions: { code: string; requestId: string } }[];
    };
    expect(parsed.errors[0]!.extensions.code).toBe('BAD_USER_INPUT');
    expect(parsed.errors[0]!.extensions.requestId).toMatch(/^req_/);
    expect(JSON.stringify(parsed)).not.toMatch(/node_modules|at \w+ \(/);
  });

  test('can name its only operation', async () => {
    const response = await post(
      JSON.stringify({ query: 'query A { viewer { permissions } }', operationName: 'A' }),
    );
    expect(await response.json()).toEqual({ data: { viewer: { permissions: ['*'] } } });
    const other = await post(
      JSON.stringify({ query: 'query A { viewer { permissions } }', operationName: 'B' }),
    );
    expect(other.status).toBe(400);
    expect(await other.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
  });
});

describe('a page', () => {
  test.each([
    ['of 1,000,000', 'first: 1000000'],
    ['of 101', 'first: 101'],
    ['of zero', 'first: 0'],
    ['of a negative number', 'first: -1'],
    ['of a negative number, backwards', 'last: -5'],
    ['in both directions', 'first: 5, last: 5'],
    ['after a forged cursor', 'first: 5, after: "WyJhcGlLZXlzIiwxXQ"'],
    ['after an invalid cursor', 'first: 5, after: "\' or 1=1 --"'],
    ['after a cursor with NUL', `first: 5, after: "${Buffer.from('["a\\u0000"]').toString('base64url')}"`],
    ['after an overlong cursor', `first: 5, after: "${'A'.repeat(5000)}"`],
    [
      'before a cursor of another list',
      `last: 5, before: "${Buffer.from('["auditEvents",1]').toString('base64url')}"`,
    ],
  ])('%s is BAD_USER_INPUT', async (_, args) => {
    const response = await send(`{ apiKeys(${args}) { nodes { id } } }`);
    expect(codes(response)).toEqual(['BAD_USER_INPUT']);
  });

  test('after a cursor of another sort order is BAD_USER_INPUT', async () => {
    const page = await send('{ apiKeys(sort: { field: NAME, direction: ASC }) { pageInfo { endCursor } } }');
    const { endCursor } = (page.data!['apiKeys'] as { pageInfo: { endCursor: string } }).pageInfo;
    const response = await send(
      'query ($after: String) { apiKeys(sort: { field: CREATED, direction: ASC }, after: $after) { nodes { id } } }',
      { after: endCursor },
    );
    expect(codes(response)).toEqual(['BAD_USER_INPUT']);
  });
});

describe('the schema', () => {
  test('is available to authenticated callers only', async () => {
    const known = await send(getIntrospectionQuery());
    expect(codes(known)).toEqual([]);
    expect(JSON.stringify(known.data)).toContain('"ApiKey"');
    for (const query of [
      getIntrospectionQuery(),
      '{ __type(name: "ApiKey") { name } }',
      '{ a: __schema { types { name } } }',
    ]) {
      const unknown = await graphql(keywright.url, query);
      expect(codes(unknown)).toEqual(['UNAUTHENTICATED']);
    }
  });

  test('cannot be guessed from suggestions', async () => {
    const unknown = await graphql(keywright.url, '{ apiKey_ { id } }');
    expect(codes(unknown)).toEqual(['BAD_USER_INPUT']);
    expect(JSON.stringify(unknown.errors)).not.toMatch(/did you mean|apiKeys/i);
    expect((await send('{ apiKey_ { id } }')).errors[0]!.message).toMatch(/Did you mean/);
  });

  test('cannot be explored without limit', async () => {
    const response = await send(
      `{ __schema { types ${'{ fields { type '.repeat(5)} { name } ${'} }'.repeat(5)} } }`,
    );
    expect(response.status).toBe(400);
  });
});

test('unknown fields of an input are rejected and named', async () => {
  const response = await send(
    'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { apiKey { id } } }',
    {
      input: { name: 'x', permissions: [], isAdmin: true },
    },
  );
  expect(response.status).toBe(400);
  expect(codes(response)).toEqual(['BAD_USER_INPUT']);
  expect(response.errors[0]!.message).toContain('isAdmin');
});

test('every query and mutation except those for signing in requires a caller', async () => {
  const known = await send(
    '{ __schema { queryType { fields { name args { name } } } mutationType { fields { name } } } }',
  );
  const schema = known.data!['__schema'] as Record<
    'queryType' | 'mutationType',
    { fields: { name: string }[] }
  >;
  const open = new Set([
    'installation',
    'signIn',
    'completeTwoFactor',
    'signOut',
    'setUpOwner',
    'choosePassword',
    'requestPasswordReset',
  ]);
  const full = (await send(getIntrospectionQuery())).data as never;
  const {
    buildClientSchema,
    isNonNullType,
    isListType,
    isEnumType,
    isInputObjectType,
    isScalarType,
    getNamedType,
    isCompositeType,
  } = await import('graphql');
  const built = buildClientSchema(full);
  type Input = import('graphql').GraphQLInputType;
  const sample = (type: Input): string => {
    if (isNonNullType(type)) return sample(type.ofType as Input);
    if (isListType(type)) return `[${sample(type.ofType as Input)}]`;
    if (isEnumType(type)) return type.getValues()[0]!.name;
    if (isInputObjectType(type)) {
      const required = Object.values(type.getFields()).filter(
        (f) => isNonNullType(f.type) && f.defaultValue === undefined,
      );
      return `{ ${required.map((f) => `${f.name}: ${sample(f.type)}`).join(', ')} }`;
    }
    if (!isScalarType(type)) return 'null';
    const values: Record<string, string> = {
      Int: '1',
      Float: '1',
      Boolean: 'true',
      BigInt: '1',
      JSON: '{}',
      DateTime: '"2027-01-01T00:00:00Z"',
      Date: '"2027-01-01"',
    };
    return values[type.name] ?? '"x"';
  };
  let asked = 0;
  for (const [operation, type] of [
    ['query', built.getQueryType()!],
    ['mutation', built.getMutationType()!],
  ] as const) {
    for (const field of Object.values(type.getFields())) {
      if (open.has(field.name)) continue;
      const required = field.args.filter((arg) => isNonNullType(arg.type) && arg.defaultValue === undefined);
      const args =
        required.length > 0
          ? `(${required.map((arg) => `${arg.name}: ${sample(arg.type)}`).join(', ')})`
          : '';
      const selection = isCompositeType(getNamedType(field.type)) ? '{ __typename }' : '';
      const response = await graphql(keywright.url, `${operation} { ${field.name}${args} ${selection} }`);
      expect(codes(response), field.name).toEqual(['UNAUTHENTICATED']);
      asked += 1;
    }
  }
  expect(asked).toBe(schema.queryType.fields.length + schema.mutationType.fields.length - open.size);
});
