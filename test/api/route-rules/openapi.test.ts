import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createKey, sandbox, signIn, type CreatedKey } from '../../support/peers/client.js';
import { codes, graphql, request, type Credential } from '../../support/peers/graphql.js';
import { createRule, listRules, tryRoute } from '../../support/seed/route-rules.js';
import { startKeywright, type Keywright } from '../../support/servers/start-keywright.js';

const RESULT = `title removed { pathPattern } operations {
  operation state access permission needsPermission proposal scopeParameter shadowedBy notes current { id } }`;
const PREVIEW = `query ($input: OpenApiImportInput!) { previewOpenApiImport(input: $input) { ${RESULT} } }`;
const IMPORT = `mutation ($input: OpenApiImportInput!) { importOpenApi(input: $input) { ${RESULT} } }`;

const CRM = `
openapi: 3.0.3
info: { title: CRM, version: '1' }
servers: [{ url: https://api.example.test/crm }]
security: [{ oauth: [view_customer] }]
paths:
  /customers/{customerId}:
    x-keywright-scope-parameter: customerId
    get: { summary: One customer }
    patch: { security: [{ oauth: [create_customer] }] }
  /customers/export:
    get: { tags: [Reports], security: [{ oauth: [reports] }] }
  /health:
    get: { security: [] }
`;

let keywright: Keywright;
let url: string;
let owner: Credential;
let key: CreatedKey;
beforeAll(async () => {
  keywright = await startKeywright();
  url = keywright.url;
  owner = { bearer: await signIn(url) };
  key = await createKey(url, owner);
});
afterAll(() => keywright.stop());
afterEach(async () => {
  for (const { id } of await listRules(url, owner)) {
    await request(url, 'mutation ($id: ID!) { deleteRouteRule(id: $id) }', { id }, owner);
  }
});

interface Result {
  readonly title: string;
  readonly removed: readonly { pathPattern: string }[];
  readonly operations: readonly {
    readonly operation: string;
    readonly state: string;
    readonly access: string | null;
    readonly permission: string | null;
    readonly needsPermission: boolean;
    readonly notes: readonly string[];
  }[];
}

const input = (over: object = {}) => ({ document: CRM, environments: ['PRODUCTION'], ...over });
const preview = async (over: object = {}): Promise<Result> => {
  const answer = await request<{ previewOpenApiImport: Result }>(url, PREVIEW, { input: input(over) }, owner);
  return answer.previewOpenApiImport;
};
const save = async (over: object = {}): Promise<Result> => {
  const answer = await request<{ importOpenApi: Result }>(url, IMPORT, { input: input(over) }, owner);
  return answer.importOpenApi;
};
const revisionOfPreview = async (mode: string): Promise<string> => {
  const query = 'query ($input: OpenApiImportInput!) { previewOpenApiImport(input: $input) { revision } }';
  const answer = await request<{ previewOpenApiImport: { revision: string } }>(
    url,
    query,
    { input: input({ mode }) },
    owner,
  );
  return answer.previewOpenApiImport.revision;
};
const importAt = (mode: string, expectedRevision: string) =>
  graphql(
    url,
    `
      mutation ($input: OpenApiImportInput!, $expectedRevision: String) {
        importOpenApi(input: $input, expectedRevision: $expectedRevision) {
          revision
        }
      }
    `,
    { input: input({ mode }), expectedRevision },
    owner,
  );
const refuse = (over: object, query = PREVIEW) => graphql(url, query, { input: input(over) }, owner);
const states = ({ operations }: Result) =>
  operations.map(
    ({ operation, state, access, permission }) => `${state} ${operation} ${permission ?? access}`,
  );

describe('an OpenAPI document', () => {
  test('is previewed as the resulting rules, and nothing is saved', async () => {
    const shown = await preview();
    expect(shown.title).toBe('CRM');
    expect(states(shown)).toEqual([
      'NEW GET /crm/customers/export NOBODY',
      'NEW GET /crm/customers/{customerId} view_customer',
      'NEW PATCH /crm/customers/{customerId} create_customer',
      'SKIPPED GET /crm/health null',
    ]);
    expect(shown.operations[0]).toMatchObject({
      needsPermission: true,
      notes: ['The permission reports does not exist.'],
    });
    expect(await listRules(url, owner)).toEqual([]);
  });

  test('is imported completely, applies immediately, and is unchanged the next time', async () => {
    const choices = [{ operation: 'GET /crm/customers/export', permission: 'view_customer' }];
    await save({ choices });
    expect(await tryRoute(url, owner, 'GET', '/crm/customers/export')).toMatchObject({ scopeId: null });
    expect(await tryRoute(url, owner, 'PATCH', '/crm/customers/scp_1')).toMatchObject({
      permission: 'create_customer',
      scopeId: 'scp_1',
    });
    expect(await tryRoute(url, owner, 'GET', '/crm/health')).toMatchObject({ access: 'NOBODY', rule: null });
    const before = await listRules(url, owner);
    expect(states(await save())).toEqual([
      'UNCHANGED GET /crm/customers/export view_customer',
      'UNCHANGED GET /crm/customers/{customerId} view_customer',
      'UNCHANGED PATCH /crm/customers/{customerId} create_customer',
      'SKIPPED GET /crm/health null',
    ]);
    expect(await listRules(url, owner)).toEqual(before);
  });

  test('is one event in the audit log, which names every rule; a no-op import is none', async () => {
    await createRule(url, owner, { pathPattern: '/old' });
    await save({ mode: 'REPLACE' });
    await save({ mode: 'REPLACE' });
    const { auditEvents } = await request<{ auditEvents: { edges: { node: { changes: object } }[] } }>(
      url,
      '{ auditEvents(filter: { action: "routeRule.import" }, first: 2) { edges { node { targetName changes } } } }',
      {},
      owner,
    );
    expect(auditEvents.edges[0]!.node).toMatchObject({
      targetName: 'CRM',
      changes: {
        added: {
          after: [
            'GET /crm/customers/export: nobody',
            'GET /crm/customers/{customerId}: view_customer',
            'PATCH /crm/customers/{customerId}: create_customer',
          ],
        },
        removed: { before: ['GET /old: view_customer'] },
        mode: { after: 'REPLACE' },
      },
    });
    expect(auditEvents.edges[1]?.node).not.toMatchObject({ changes: { added: { after: [] } } });
  });

  test('replaces the rules of its environments only', async () => {
    await createRule(url, owner, { pathPattern: '/both', environments: ['PRODUCTION', 'STAGING'] });
    expect((await preview({ mode: 'REPLACE' })).removed).toEqual([{ pathPattern: '/both' }]);
    await save({ mode: 'REPLACE' });
    const kept = (await listRules(url, owner)).find(({ pathPattern }) => pathPattern === '/both');
    expect(kept).toMatchObject({ environments: ['STAGING'], position: 4 });
  });

  test('is rejected with a clear error if unusable, and nothing is saved', async () => {
    const cases: readonly (readonly [object, string])[] = [
      [{ environments: [] }, 'environments'],
      [{ document: '' }, 'document'],
      [{ document: 'a: b' }, 'document'],
      [{ document: '\0' }, 'document'],
      [{ document: '['.repeat(100_000) }, 'document'],
      [
        { document: `a: &a [${'x,'.repeat(99)}]\nb: &b [${'*a,'.repeat(99)}]\nc: [${'*b,'.repeat(99)}]` },
        'document',
      ],
      [{ choices: [{ operation: 'GET /none' }] }, 'choices.0.operation'],
      [{ choices: [{ operation: 'GET /crm/health', permission: 'none' }] }, 'choices.0.permission'],
    ];
    for (const [over, path] of cases) {
      for (const query of [PREVIEW, IMPORT]) {
        const { errors } = await refuse(over, query);
        expect(
          errors.map(({ extensions }) => extensions.code),
          path,
        ).toEqual(['BAD_USER_INPUT']);
        expect(errors[0]!.extensions.fields!.map((field) => field.path)).toEqual([path]);
      }
    }
    expect(await listRules(url, owner)).toEqual([]);
  });

  test('can have two megabytes if the caller can import it, and delays no verification', async () => {
    const lines = Array.from(
      { length: 3000 },
      (_, i) => `  /r${i}/{id}:\n    get: { summary: '${'s'.repeat(550)}' }\n`,
    );
    const document = `openapi: 3.1.0\npaths:\n${lines.join('')}`;
    const importing = refuse({ document, mode: 'REPLACE' });
    const progress = { done: false };
    void importing.finally(() => (progress.done = true));
    let asked = 0;
    while (!progress.done && asked < 100_000) {
      expect((await sandbox(url, 'production/ping', key.secret)).status).toBe(200);
      asked += 1;
    }
    expect(codes(await importing)).toEqual([]);
    expect(asked).toBeGreaterThan(5);
    const { errors } = await refuse({ document: `${document}# ${'x'.repeat(600_000)}` });
    expect(errors[0]!.message).toContain('at most 2 MB');
    const stranger = {
      apiKey: (await createKey(url, owner, { permissions: ['keywright.keys.read'] })).secret,
    };
    const answer = await graphql(url, PREVIEW, { input: input({ document }) }, stranger).catch(
      () => undefined,
    );
    if (answer) expect(answer.status).toBe(413);
  });

  test.each(['REPLACE', 'APPEND', 'PREPEND'])(
    'is imported (%s) only while the rules match the preview',
    async (mode) => {
      const shown = await revisionOfPreview(mode);
      const closed = { method: 'ANY', pathPattern: '/admin/**', access: 'NOBODY', permission: null };
      const { id } = await createRule(url, owner, closed);
      const before = await listRules(url, owner);
      const current = await revisionOfPreview(mode);
      const refused = await importAt(mode, shown);
      expect(refused.errors).toEqual([
        expect.objectContaining({
          message: 'Route rules have changed since this preview. Preview again, then import.',
          extensions: expect.objectContaining({ code: 'CONFLICT', currentRevision: current }),
        }),
      ]);
      expect(await listRules(url, owner)).toEqual(before);
      expect(before.map((rule) => rule.id)).toEqual([id]);
      expect(codes(await importAt(mode, current))).toEqual([]);
      expect(await listRules(url, owner)).toHaveLength(mode === 'REPLACE' ? 3 : 4);
    },
  );

  test('cannot create more rules than allowed', async () => {
    const paths = Object.fromEntries(Array.from({ length: 5001 }, (_, i) => [`/r${i}`, { get: {} }]));
    const document = JSON.stringify({ openapi: '3.1.0', paths });
    const { errors } = await refuse({ document }, IMPORT);
    expect(errors[0]!.extensions.code).toBe('BAD_USER_INPUT');
    expect(await listRules(url, owner)).toEqual([]);
  });
});
