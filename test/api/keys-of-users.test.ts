import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKey, verify } from '../support/peers/client.js';
import { codes, type Credential } from '../support/peers/graphql.js';
import { Tenancy, type Member } from '../support/seed/tenancy.js';

const UPDATE_USER = 'mutation ($input: UpdateUserInput!) { updateUser(input: $input) { id } }';
const bulk = (field: string): string =>
  `mutation ($id: ID!) { ${field}(userId: $id) { succeeded failed { id code } propagation { complete nodes } } }`;
const DISABLE = bulk('disableKeysOfUser');
const ENABLE = bulk('enableKeysOfUser');
const LIST = `query ($filter: ApiKeyFilter) {
  apiKeys(filter: $filter) { totalCount nodes { id } } apiKeyCounts(filter: $filter) { total } }`;

interface Bulk {
  readonly succeeded: string[];
  readonly failed: { readonly id: string; readonly code: string }[];
  readonly propagation: { readonly complete: boolean } | null;
}

let tenancy: Tenancy;
let mine: string;
let other: string;
beforeAll(async () => {
  tenancy = await Tenancy.shared();
  mine = (await tenancy.branch()).organization;
  other = (await tenancy.branch()).organization;
});
afterAll(() => tenancy.stop());

let made = 0;
const issuing = (scopeId: string) => ({
  scopeId,
  permissions: ['keywright.keys.write', 'keywright.keys.read', 'view_customer'],
});
const issue = async (by: Credential, scopeId: string): Promise<{ id: string; secret: string }> =>
  createKey(tenancy.url, by, {
    name: `Made ${++made}`,
    scopeId,
    permissions: undefined,
    grants: [{ scopeId, permissions: ['view_customer'] }],
  });
const toggle = (id: string, enabled: boolean): Promise<unknown> =>
  tenancy.ask(UPDATE_USER, { input: { id, enabled } });
const change = async (query: string, id: string, as: Credential = tenancy.owner): Promise<Bulk> => {
  const data = await tenancy.ask<Record<string, Bulk>>(query, { id }, as);
  return Object.values(data)[0]!;
};
const switchKey = (id: string, on: boolean): Promise<unknown> =>
  tenancy.ask(`mutation ($id: ID!) { ${on ? 'enableApiKey' : 'disableApiKey'}(id: $id) { apiKey { id } } }`, {
    id,
  });
const works = async (secret: string): Promise<boolean> =>
  (await verify(tenancy.url, verifier, { key: secret })).body.code === 'VALID';
const listed = async (filter: Record<string, unknown>, as: Credential = tenancy.owner): Promise<string[]> => {
  const { apiKeys, apiKeyCounts } = await tenancy.ask<{
    apiKeys: { totalCount: number; nodes: { id: string }[] };
    apiKeyCounts: { total: number };
  }>(LIST, { filter }, as);
  expect(apiKeys.totalCount).toBe(apiKeys.nodes.length);
  if (!('status' in filter)) expect(apiKeyCounts.total).toBe(apiKeys.nodes.length);
  return apiKeys.nodes.map(({ id }) => id).sort();
};

let verifier: string;
let admin: Member;
beforeAll(async () => {
  verifier = (await tenancy.key({ permissions: ['keywright.verify'] })).secret;
  admin = await tenancy.member([issuing(mine), issuing(other)]);
});

describe('keys that a disabled user created', () => {
  test('are listed, disabled with the user on request, and enabled again with the user', async () => {
    const keys = [await issue(admin.credential, mine), await issue(admin.credential, other)];
    const ids = keys.map(({ id }) => id).sort();
    const foreign = await issue(tenancy.owner, mine);
    expect(await listed({ createdById: admin.id, status: ['ACTIVE', 'EXPIRING_SOON'] })).toEqual(ids);
    expect(codes(await tenancy.try(DISABLE, { id: admin.id }))).toEqual(['CONFLICT']);
    await toggle(admin.id, false);
    expect(await works(keys[0]!.secret)).toBe(true);
    const disabled = await change(DISABLE, admin.id);
    expect(disabled).toMatchObject({ failed: [], propagation: { complete: true } });
    expect([...disabled.succeeded].sort()).toEqual(ids);
    for (const { secret } of keys) expect(await works(secret)).toBe(false);
    expect(await works(foreign.secret)).toBe(true);
    expect(await listed({ disabledWithUserId: admin.id })).toEqual(ids);
    expect((await change(DISABLE, admin.id)).succeeded).toEqual([]);
    expect(codes(await tenancy.try(ENABLE, { id: admin.id }))).toEqual(['CONFLICT']);

    await toggle(admin.id, true);
    expect(await works(keys[0]!.secret)).toBe(false);
    expect([...(await change(ENABLE, admin.id)).succeeded].sort()).toEqual(ids);
    for (const { secret } of keys) expect(await works(secret)).toBe(true);
    expect((await change(ENABLE, admin.id)).succeeded).toEqual([]);
    const { auditEvents } = await tenancy.ask<{
      auditEvents: { nodes: { action: string; changes: unknown }[] };
    }>('query ($id: ID!) { auditEvents(filter: { targetId: $id }) { nodes { action changes } } }', {
      id: ids[0],
    });
    expect(auditEvents.nodes.map(({ action }) => action)).toEqual([
      'api_key.enabled',
      'api_key.disabled',
      'api_key.created',
    ]);
    expect(auditEvents.nodes[1]!.changes).toEqual({
      enabled: { before: true, after: false },
      disabledWithUser: { before: null, after: admin.id },
    });
  });

  test('that somebody enabled or disabled in between remain unchanged', async () => {
    const maker = await tenancy.member([issuing(mine)]);
    const names = [
      'off before',
      'on again',
      'on and off',
      'off once more',
      'by form',
      'revoked',
      'left',
    ] as const;
    const keys = {} as Record<(typeof names)[number], { id: string; secret: string }>;
    for (const name of names) keys[name] = await issue(maker.credential, mine);
    await switchKey(keys['off before'].id, false);
    await toggle(maker.id, false);
    expect((await change(DISABLE, maker.id)).succeeded).toHaveLength(6);
    await switchKey(keys['on again'].id, true);
    await switchKey(keys['on and off'].id, true);
    await switchKey(keys['on and off'].id, false);
    await switchKey(keys['off once more'].id, false);
    const input = { id: keys['by form'].id, enabled: false };
    await tenancy.ask(
      'mutation ($input: UpdateApiKeyInput!) { updateApiKey(input: $input) { apiKey { id } } }',
      {
        input,
      },
    );
    await tenancy.ask('mutation ($id: ID!) { revokeApiKey(id: $id) { apiKey { id } } }', {
      id: keys['revoked'].id,
    });
    await toggle(maker.id, true);
    expect((await change(ENABLE, maker.id)).succeeded).toEqual([keys['left'].id]);
    const working = [];
    for (const name of names) if (await works(keys[name].secret)) working.push(name);
    expect(working).toEqual(['on again', 'left']);
  });

  test('are enabled again only if disabled the last time that the user was', async () => {
    const maker = await tenancy.member([issuing(mine)]);
    const first = await issue(maker.credential, mine);
    const second = await issue(maker.credential, mine);
    await switchKey(second.id, false);
    await toggle(maker.id, false);
    expect((await change(DISABLE, maker.id)).succeeded).toEqual([first.id]);
    // A process of an earlier version disables a key without recording the user.
    await tenancy.database.query('update api_key set enabled = true where id = $1', [second.id]);
    await toggle(maker.id, true);
    await toggle(maker.id, false);
    expect((await change(DISABLE, maker.id)).succeeded).toEqual([second.id]);
    await toggle(maker.id, true);
    expect((await change(ENABLE, maker.id)).succeeded).toEqual([second.id]);
    expect(await works(first.secret)).toBe(false);
  });

  test('are changed only with permission for each, and hidden from other callers', async () => {
    const maker = await tenancy.member([issuing(mine), issuing(other)]);
    const [here, there] = [await issue(maker.credential, mine), await issue(maker.credential, other)];
    const managing = ['keywright.users.manage', 'keywright.keys.read'];
    const reader = await tenancy.member([{ scopeId: mine, permissions: managing }]);
    const writer = await tenancy.member([
      { scopeId: mine, permissions: [...managing, 'keywright.keys.write'] },
    ]);
    const whole = await tenancy.member([
      { scopeId: mine, permissions: [...managing, 'keywright.keys.write', 'view_customer'] },
    ]);
    const elsewhere = await tenancy.member([
      { permissions: ['keywright.keys.write', 'keywright.keys.read'] },
    ]);
    const blind = await tenancy.member([{ scopeId: mine, permissions: ['keywright.users.manage'] }]);
    await toggle(maker.id, false);
    expect(codes(await tenancy.try(DISABLE, { id: maker.id }, elsewhere.credential))).toEqual(['FORBIDDEN']);
    expect(await listed({ createdById: maker.id }, reader.credential)).toEqual([here.id]);
    expect(await change(DISABLE, maker.id, blind.credential)).toEqual({
      succeeded: [],
      failed: [],
      propagation: null,
    });
    expect(await change(DISABLE, maker.id, reader.credential)).toMatchObject({
      succeeded: [],
      failed: [{ id: here.id, code: 'FORBIDDEN' }],
    });
    expect(await change(DISABLE, maker.id, writer.credential)).toMatchObject({
      succeeded: [here.id],
      failed: [],
    });
    expect(await works(there.secret)).toBe(true);
    await toggle(maker.id, true);
    expect(await change(ENABLE, maker.id, writer.credential)).toMatchObject({
      succeeded: [],
      failed: [{ id: here.id, code: 'GRANT_NOT_HELD' }],
    });
    expect(await change(ENABLE, maker.id, whole.credential)).toMatchObject({
      succeeded: [here.id],
      failed: [],
    });
  });
});
