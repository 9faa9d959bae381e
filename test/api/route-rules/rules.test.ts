import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  codes,
  graphql,
  request,
  type Credential,
  type GraphqlResponse,
} from '../../support/peers/graphql.js';
import { signIn } from '../../support/peers/client.js';
import { createRule, listRules, tryRoute } from '../../support/seed/route-rules.js';
import { startKeywright, type Keywright } from '../../support/servers/start-keywright.js';

const CREATE = 'mutation ($input: CreateRouteRuleInput!) { createRouteRule(input: $input) { id } }';
const UPDATE =
  'mutation ($input: UpdateRouteRuleInput!) { updateRouteRule(input: $input) { access permission scopeParameter method } }';
const DELETE = 'mutation ($id: ID!) { deleteRouteRule(id: $id) }';
const MOVE =
  'mutation ($id: ID!, $position: Int!) { moveRouteRule(id: $id, position: $position) { position } }';
const DEFAULT = 'mutation ($default: RouteDefault!) { setRouteRuleDefault(default: $default) }';

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
  await ask(DEFAULT, { default: 'DENY' });
});

const ask = <Data>(query: string, variables: Record<string, unknown> = {}): Promise<Data> =>
  request<Data>(url, query, variables, owner);
const send = (query: string, variables: Record<string, unknown>): Promise<GraphqlResponse<unknown>> =>
  graphql(url, query, variables, owner);
const paths = async (): Promise<string[]> =>
  (await listRules(url, owner)).map(({ pathPattern, position }) => `${position} ${pathPattern}`);
const rule = (pathPattern: string, over: Record<string, unknown> = {}) =>
  createRule(url, owner, { pathPattern, ...over });

const VALID = {
  environments: ['PRODUCTION'],
  method: 'GET',
  pathPattern: '/a/{id}',
  access: 'PERMISSION',
  permission: 'view_customer',
};

describe('route rules', () => {
  test('apply to requests as soon as the mutation answers', async () => {
    expect(await tryRoute(url, owner, 'GET', '/customers/7')).toMatchObject({ access: 'NOBODY', rule: null });
    const made = await rule('/customers/{customerId}/', { scopeParameter: '{customerId}' });
    expect(made).toMatchObject({ pathPattern: '/customers/{customerId}', scopeParameter: 'customerId' });
    expect(await tryRoute(url, owner, 'HEAD', '/Customers/scp_7/?page=2')).toEqual({
      refused: null,
      access: 'PERMISSION',
      permission: 'view_customer',
      scopeId: 'scp_7',
      rule: { id: made.id, position: 1 },
    });
    await ask(UPDATE, { input: { id: made.id, access: 'NOBODY' } });
    expect(await tryRoute(url, owner, 'GET', '/customers/7')).toMatchObject({
      access: 'NOBODY',
      rule: { id: made.id },
    });
    await ask(DELETE, { id: made.id });
    expect(await tryRoute(url, owner, 'GET', '/customers/7')).toMatchObject({ rule: null });
  });

  test('leave requests that match none to the default', async () => {
    expect(await ask('{ routeRuleDefault }')).toEqual({ routeRuleDefault: 'DENY' });
    expect(await ask(DEFAULT, { default: 'ANY_KEY' })).toEqual({ setRouteRuleDefault: 'ANY_KEY' });
    expect(await tryRoute(url, owner, 'GET', '/')).toMatchObject({ access: 'ANY_KEY', rule: null });
    expect(await tryRoute(url, owner, 'GET', '/a//b')).toMatchObject({
      access: 'NOBODY',
      refused: 'The path contains two slashes in a row.',
    });
  });

  test('keep their order when rules are added, deleted and moved', async () => {
    const [a, b, c] = [await rule('/a'), await rule('/b'), await rule('/c')];
    await rule('/first', { position: 1 });
    expect(await paths()).toEqual(['1 /first', '2 /a', '3 /b', '4 /c']);
    await ask(MOVE, { id: c.id, position: 1 });
    await ask(MOVE, { id: a.id, position: 4 });
    expect(await paths()).toEqual(['1 /c', '2 /first', '3 /b', '4 /a']);
    await ask(DELETE, { id: b.id });
    expect(await paths()).toEqual(['1 /c', '2 /first', '3 /a']);
    for (const position of [0, 4, -1]) {
      expect(codes(await send(MOVE, { id: a.id, position }))).toEqual(['BAD_USER_INPUT']);
    }
  });

  test('lose no concurrent change', async () => {
    const made = await Promise.all(Array.from({ length: 12 }, (_, i) => rule(`/n${i}`, { position: 1 })));
    await Promise.all(made.map(({ id }, i) => ask(MOVE, { id, position: (i % 12) + 1 })));
    const rules = await listRules(url, owner);
    expect(rules.map(({ position }) => position)).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
    expect(new Set(rules.map(({ id }) => id)).size).toBe(12);
  });

  test('show which of them can never match because of an earlier one', async () => {
    const wide = await rule('/customers/**', { method: 'ANY' });
    const below = await rule('/customers/{id}');
    const elsewhere = await rule('/customers/{id}', { environments: ['PRODUCTION', 'STAGING'] });
    const rules = await listRules(url, owner);
    expect(rules.map(({ shadowedBy }) => shadowedBy?.id ?? null)).toEqual([null, wide.id, null]);
    expect([rules[1]!.id, rules[2]!.id]).toEqual([below.id, elsewhere.id]);
  });

  test('clear their permission when they no longer require one', async () => {
    const { id } = await rule('/a/{b}', { scopeParameter: 'b' });
    const update = (input: object) => ask(UPDATE, { input: { id, ...input } });
    expect(await update({ access: 'ANY_KEY' })).toEqual({
      updateRouteRule: { access: 'ANY_KEY', permission: null, scopeParameter: 'b', method: 'GET' },
    });
    expect(await update({ scopeParameter: null, method: 'ANY' })).toEqual({
      updateRouteRule: { access: 'ANY_KEY', permission: null, scopeParameter: null, method: 'ANY' },
    });
  });

  test('can accept anybody, and then require neither permission nor scope', async () => {
    const { id } = await rule('/a/{b}', { scopeParameter: 'b' });
    expect(await ask(UPDATE, { input: { id, access: 'ANYBODY' } })).toEqual({
      updateRouteRule: { access: 'ANYBODY', permission: null, scopeParameter: null, method: 'GET' },
    });
    expect(await tryRoute(url, owner, 'HEAD', '/a/x')).toEqual({
      refused: null,
      access: 'ANYBODY',
      permission: null,
      scopeId: null,
      rule: { id, position: 1 },
    });
    expect(await tryRoute(url, owner, 'TRACE', '/a/x')).toMatchObject({
      access: 'NOBODY',
      rule: null,
      refused: 'TRACE requests are always rejected.',
    });
  });

  test.each([
    [{ environments: [] }, 'environments'],
    [{ pathPattern: 'a' }, 'pathPattern'],
    [{ pathPattern: '/a\0' }, 'pathPattern'],
    [{ pathPattern: '/../a' }, 'pathPattern'],
    [{ pathPattern: '/a/*/b' }, 'pathPattern'],
    [{ permission: null }, 'permission'],
    [{ permission: '' }, 'permission'],
    [{ permission: '*' }, 'permission'],
    [{ permission: 'customer.*' }, 'permission'],
    [{ permission: 'no_such_thing' }, 'permission'],
    [{ access: 'ANY_KEY' }, 'permission'],
    [{ scopeParameter: 'other' }, 'scopeParameter'],
    [{ access: 'NOBODY', permission: null, scopeParameter: 'id' }, 'scopeParameter'],
    [{ access: 'ANYBODY', permission: null, scopeParameter: 'id' }, 'scopeParameter'],
    [{ access: 'ANYBODY' }, 'permission'],
    [{ description: 'x'.repeat(501) }, 'description'],
    [{ description: '\ud800' }, 'description'],
    [{ position: 0 }, 'position'],
    [{ position: 99 }, 'position'],
  ])('are rejected with %j', async (over, path) => {
    const { errors } = await send(CREATE, { input: { ...VALID, ...over } });
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(['BAD_USER_INPUT']);
    expect(errors[0]!.extensions.fields!.map((field) => field.path)).toContain(path);
    expect(await paths()).toEqual([]);
  });

  test('accept neither null for required fields nor ids of other objects', async () => {
    const { id } = await rule('/a');
    for (const member of ['environments', 'method', 'pathPattern', 'access']) {
      expect(codes(await send(UPDATE, { input: { id, [member]: null } })), member).toEqual([
        'BAD_USER_INPUT',
      ]);
    }
    for (const none of ['rul_00000000000000000000000000', 'scp_00000000000000000000000000', '', '\0']) {
      expect(codes(await send(DELETE, { id: none }))).toEqual(['NOT_FOUND']);
      expect(codes(await send(MOVE, { id: none, position: 1 }))).toEqual(['NOT_FOUND']);
      expect(codes(await send(UPDATE, { input: { id: none } }))).toEqual(['NOT_FOUND']);
    }
  });

  test('keep their required permissions in the catalog', async () => {
    const input = { name: 'refund.create', label: 'Refund', group: 'Billing' };
    await ask('mutation ($input: SavePermissionInput!) { savePermission(input: $input) { name } }', {
      input,
    });
    const { id } = await rule('/refunds', { method: 'POST', permission: 'refund.create' });
    const remove = 'mutation { deletePermission(name: "refund.create") }';
    const { errors } = await send(remove, {});
    expect(errors[0]).toMatchObject({ extensions: { code: 'CONFLICT' } });
    expect(errors[0]!.message).toContain('route rule “POST /refunds”');
    await ask(DELETE, { id });
    await ask(remove);
  });

  test('are recorded in the audit log, each change with its previous state', async () => {
    const { id } = await rule('/a');
    await rule('/b');
    await ask(UPDATE, { input: { id, method: 'ANY' } });
    await ask(UPDATE, { input: { id, method: 'ANY' } });
    await ask(MOVE, { id, position: 2 });
    await ask(DELETE, { id });
    const { auditEvents } = await ask<{
      auditEvents: { edges: { node: { action: string; targetName: string; changes: object } }[] };
    }>(
      `query ($id: ID!) { auditEvents(filter: { targetId: $id }) { edges { node { action targetName changes } } } }`,
      { id },
    );
    expect(auditEvents.edges.map(({ node }) => [node.action, node.targetName])).toEqual([
      ['route_rule.deleted', 'ANY /a'],
      ['route_rule.moved', 'ANY /a'],
      ['route_rule.updated', 'ANY /a'],
      ['route_rule.created', 'GET /a'],
    ]);
    expect(auditEvents.edges[1]!.node.changes).toEqual({ position: { before: 1, after: 2 } });
    expect(auditEvents.edges[2]!.node.changes).toEqual({ method: { before: 'GET', after: 'ANY' } });
    expect(await ask('{ verifyAuditLog { intact } }')).toEqual({ verifyAuditLog: { intact: true } });
  });
});
