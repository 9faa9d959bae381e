import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { sandbox, type CreatedKey } from '../../support/peers/client.js';
import { eventually } from '../../support/eventually.js';
import { codes, type GraphqlResponse } from '../../support/peers/graphql.js';
import { subscribe } from '../../support/peers/subscribe.js';
import { ROOT, Tenancy, type Member } from '../../support/seed/tenancy.js';

interface Side {
  readonly customer: string;
  readonly organization: string;
  readonly account: string;
  readonly provider: string;
  readonly key: CreatedKey;
  readonly admin: Member;
}

let tenancy: Tenancy;
/** Two isolated customers; each organization has an administrator. */
let mine: Side;
let other: Side;
const HOUR = 3_600_000;

async function side(): Promise<Side> {
  const branch = await tenancy.branch();
  const { organization, account } = branch;
  const grants = [{ scopeId: organization, permissions: ['view_customer'] }];
  const provider = await tenancy.serviceAccount(organization, grants);
  const key = await tenancy.key({ serviceAccountId: provider });
  await tenancy.key({ grants: [{ scopeId: account, permissions: ['view_customer'] }] });
  const roleId = await tenancy.role('Organization Administrator');
  const admin = await tenancy.member([{ scopeId: organization, roleId }]);
  return { ...branch, provider, key, admin };
}

beforeAll(async () => {
  tenancy = await Tenancy.shared();
  [mine, other] = [await side(), await side()];
  await tenancy.key({ name: 'Of the installation' });
  // Data for logs and charts, on both sides and outside both.
  for (const { key } of [mine, other]) await sandbox(tenancy.url, 'production/customers', key.secret);
  await sandbox(tenancy.url, 'production/ping', `kw_live_${'a'.repeat(50)}`);
  await eventually(async () => {
    const { requestLogs } = await tenancy.ask<{
      requestLogs: { nodes: { apiKey: { id: string } | null }[] };
    }>('{ requestLogs { nodes { apiKey { id } } } }');
    const logged = requestLogs.nodes.slice(0, 3).map(({ apiKey }) => apiKey?.id);
    expect(new Set(logged)).toEqual(new Set([mine.key.id, other.key.id, undefined]));
    for (const { key } of [mine, other]) {
      const { apiKey } = await tenancy.ask<{ apiKey: { usage: { total: number } } }>(
        'query ($id: ID!) { apiKey(id: $id) { usage { total } } }',
        { id: key.id },
      );
      expect(apiKey.usage.total).toBe(1);
    }
  });
});
afterAll(() => tenancy.stop());

const asMine = <Data>(query: string, variables: Record<string, unknown> = {}): Promise<Data> =>
  tenancy.ask<Data>(query, variables, mine.admin.credential);
const tryMine = (query: string, variables: Record<string, unknown>): Promise<GraphqlResponse<unknown>> =>
  tenancy.try(query, variables, mine.admin.credential);

/** Everything of the other side, which must not appear in any answer. */
const foreignIds = (): string[] => [
  other.customer,
  other.organization,
  other.account,
  other.provider,
  other.key.id,
  other.admin.id,
  mine.customer,
];

describe('an administrator of one organization', () => {
  test('finds in every list, count, search, filter and nested path only what belongs to it', async () => {
    const between = {
      from: new Date(Date.now() - HOUR).toISOString(),
      to: new Date(Date.now() + HOUR).toISOString(),
    };
    const answer = await asMine<Record<string, Record<string, unknown>>>(
      `query ($from: DateTime!, $to: DateTime!, $foreign: ID!, $provider: ID!, $tail: String!) {
        apiKeys(first: 5) { totalCount nodes {
          id scope { id parent { id } path { id } children { id } }
          grants { scope { id } inheritedFrom { id keys(first: 5) { nodes { id } totalCount } } }
          serviceAccount { id scope { id } keys(first: 5) { totalCount nodes { id } } }
          usage { total } usageTrend auditEvents(first: 5) { nodes { id targetId } } requestLogs(first: 5) { nodes { apiKey { id } } } } }
        counts: apiKeyCounts { total active }
        found: apiKeys(filter: { search: $tail }) { totalCount nodes { id } }
        within: apiKeys(filter: { withinScopeId: $foreign }) { totalCount }
        reaching: apiKeys(filter: { scopeId: $foreign }) { totalCount }
        ofProvider: apiKeys(filter: { serviceAccountId: $provider }) { totalCount }
        allowed: apiKeys(filter: { permission: "view_customer" }) { totalCount }
        serviceAccounts { totalCount nodes { id grants { scope { id } } } }
        foreignAccounts: serviceAccounts(scopeId: $foreign) { totalCount nodes { id } }
        scopes { id name keyCount serviceAccountCount childCount }
        below: scopes(parentId: $foreign) { id }
        scopesConnection { totalCount nodes { id } }
        users { id email grants { scope { id } } }
        requestLogs { nodes { id apiKey { id } } }
        auditEvents { nodes { id action targetId targetName } }
        usage(from: $from, to: $to, bucket: DAY) { total }
        topKeys(from: $from, to: $to) { apiKey { id } usage { total } }
        viewer { access { scope { id } permissions } }
      }`,
      { ...between, foreign: other.organization, provider: other.provider, tail: other.key.secret.slice(-4) },
    );
    const text = JSON.stringify(answer);
    for (const id of foreignIds()) expect(text).not.toContain(id);
    expect(answer).toMatchObject({
      apiKeys: { totalCount: 2 },
      counts: { total: 2, active: 2 },
      found: { totalCount: 0 },
      within: { totalCount: 0 },
      reaching: { totalCount: 0 },
      ofProvider: { totalCount: 0 },
      allowed: { totalCount: 2 },
      serviceAccounts: { totalCount: 1 },
      foreignAccounts: { totalCount: 0, nodes: [] },
      below: [],
      scopesConnection: { totalCount: 2 },
      users: [{ id: mine.admin.id }],
      topKeys: [{ apiKey: { id: mine.key.id }, usage: { total: 1 } }],
    });
    expect(
      (answer['usage'] as unknown as { total: number }[]).reduce((sum, { total }) => sum + total, 0),
    ).toBe(1);
    expect(answer['requestLogs']).toMatchObject({ nodes: [{ apiKey: { id: mine.key.id } }] });
    // Its audit log shows local events and none of the installation.
    const actions = (answer['auditEvents'] as { nodes: { action: string; targetId: string }[] }).nodes;
    expect(actions.map(({ targetId }) => targetId)).toContain(mine.key.id);
    expect(actions.filter(({ action }) => action.startsWith('session'))).toEqual([]);
  });

  test('gets byte for byte the same answer for what belongs to others as for what does not exist', async () => {
    const { requestLogs, auditEvents } = await tenancy.ask<
      Record<string, { nodes: { id: string; apiKey?: { id: string } }[] }>
    >(
      `query ($filter: RequestLogFilter, $audit: AuditFilter) {
         requestLogs(filter: $filter) { nodes { id } } auditEvents(filter: $audit) { nodes { id } } }`,
      { filter: { apiKeyId: other.key.id }, audit: { targetId: other.key.id } },
    );
    const pairs: [string, string, string][] = [
      ['key', other.key.id, 'key_01h455vb4pex5vsknk084sn02q'],
      ['scope', other.organization, 'scp_01h455vb4pex5vsknk084sn02q'],
      ['scope above', mine.customer, 'scp_01h455vb4pex5vsknk084sn02q'],
      ['service account', other.provider, 'sva_01h455vb4pex5vsknk084sn02q'],
      ['user', other.admin.id, 'usr_01h455vb4pex5vsknk084sn02q'],
      ['log', requestLogs!.nodes[0]!.id, 'req_01h455vb4pex5vsknk084sn02q'],
      ['audit event', auditEvents!.nodes[0]!.id, 'aud_01h455vb4pex5vsknk084sn02q'],
    ];
    const operations: Record<string, string[]> = {
      key: [
        'query ($id: ID!) { apiKey(id: $id) { id } }',
        'query ($id: ID!) { apiKeys(filter: { search: "$id" }) { totalCount } usage(from: "2026-01-01T00:00:00Z", to: "2026-01-02T00:00:00Z", bucket: DAY, apiKeyIds: [$id]) { total } }',
        'query ($id: ID!) { requestLogs(filter: { apiKeyId: $id }) { nodes { id } } auditEvents(filter: { targetId: $id }) { nodes { id } } }',
        'mutation ($id: ID!) { updateApiKey(input: { id: $id, name: "x" }) { apiKey { id } } }',
        'mutation ($id: ID!) { enableApiKey(id: $id) { apiKey { id } } }',
        'mutation ($id: ID!) { disableApiKey(id: $id) { apiKey { id } } }',
        'mutation ($id: ID!) { lockApiKey(id: $id) { apiKey { id } } }',
        'mutation ($id: ID!) { unlockApiKey(id: $id) { apiKey { id } } }',
        'mutation ($id: ID!) { regenerateApiKey(id: $id) { secret { keyId } } }',
        'mutation ($id: ID!) { endApiKeyOverlap(id: $id) { apiKey { id } } }',
        'mutation ($id: ID!) { duplicateApiKey(id: $id, name: "x") { secret { keyId } } }',
        'mutation ($id: ID!) { revokeApiKey(id: $id) { apiKey { id } } }',
        'mutation ($id: ID!) { bulkDisableApiKeys(ids: [$id]) { succeeded failed { code message } } }',
        'mutation ($id: ID!) { bulkRevokeApiKeys(ids: [$id]) { succeeded failed { code message } } }',
        'mutation ($id: ID!) { bulkExtendApiKeys(ids: [$id], expiresAt: null) { succeeded failed { code message } } }',
      ],
      scope: [
        'query ($id: ID!) { scope(id: $id) { id } scopes(parentId: $id) { id } scopesConnection(parentId: $id) { totalCount } }',
        'query ($id: ID!) { serviceAccounts(scopeId: $id) { totalCount } apiKeys(filter: { withinScopeId: $id }) { totalCount } }',
        'mutation ($id: ID!) { updateScope(input: { id: $id, name: "x" }) { id } }',
        'mutation ($id: ID!) { deleteScope(id: $id) }',
        'mutation ($id: ID!) { setScopeApiEnabled(id: $id, enabled: false) { id } }',
        'mutation ($id: ID!) { createScope(input: { kind: ACCOUNT, parentId: $id, name: "x" }) { id } }',
        'mutation ($id: ID!) { createServiceAccount(input: { name: "x", scopeId: $id, grants: [] }) { id } }',
        'mutation ($id: ID!) { createApiKey(input: { name: "x", scopeId: $id }) { secret { keyId } } }',
        'mutation ($id: ID!) { createApiKey(input: { name: "x", grants: [{ scopeId: $id, permissions: ["view_customer"] }] }) { secret { keyId } } }',
        'mutation ($id: ID!) { inviteUser(email: "x@example.test", grants: [{ scopeId: $id, permissions: ["view_customer"] }]) { id } }',
      ],
      'service account': [
        'query ($id: ID!) { serviceAccount(id: $id) { id } apiKeys(filter: { serviceAccountId: $id }) { totalCount } }',
        'mutation ($id: ID!) { updateServiceAccount(input: { id: $id, name: "x" }) { id } }',
        'mutation ($id: ID!) { deleteServiceAccount(id: $id) }',
        'mutation ($id: ID!) { createApiKey(input: { name: "x", serviceAccountId: $id }) { secret { keyId } } }',
      ],
      user: [
        'query ($id: ID!) { user(id: $id) { id } auditEvents(filter: { actorId: $id }) { nodes { id } } }',
        'mutation ($id: ID!) { updateUser(input: { id: $id, enabled: false }) { id } }',
        'mutation ($id: ID!) { updateUser(input: { id: $id, grants: [] }) { id } }',
        'mutation ($id: ID!) { issuePasswordLink(userId: $id) { id } }',
        'mutation ($id: ID!) { resetTwoFactor(userId: $id) { id } }',
        'mutation ($id: ID!) { endUserSessions(userId: $id) }',
      ],
      log: [],
      'audit event': [],
    };
    operations['scope above'] = operations['scope']!;
    const plain = ({ status, data, errors }: GraphqlResponse<unknown>, id: string): string =>
      JSON.stringify({
        status,
        data,
        errors: errors.map(({ extensions, ...error }) => ({
          ...error,
          extensions: { ...extensions, requestId: '' },
        })),
      }).replaceAll(id, 'ID');
    for (const [kind, real, unreal] of pairs) {
      for (const query of [...operations[kind]!, 'query ($id: ID!) { node(id: $id) { id } }']) {
        const [hidden, missing] = [await tryMine(query, { id: real }), await tryMine(query, { id: unreal })];
        expect(plain(hidden, real), `${kind}: ${query}`).toBe(plain(missing, unreal));
      }
    }
    // None of these had any effect.
    expect((await sandbox(tenancy.url, 'production/ping', other.key.secret)).status).toBe(200);
  });

  test('creates keys in it without naming a scope, and grants only what it holds, where it holds it', async () => {
    const CREATE = `mutation ($input: CreateApiKeyInput!) {
      createApiKey(input: $input) { apiKey { scope { id } permissions grants { scope { id } } } } }`;
    const { createApiKey } = await asMine<{ createApiKey: { apiKey: unknown } }>(CREATE, {
      input: { name: 'Made here', permissions: ['view_customer'] },
    });
    expect(createApiKey.apiKey).toEqual({
      scope: { id: mine.organization },
      permissions: ['view_customer'],
      grants: [{ scope: { id: mine.organization } }],
    });
    const refusals: [Record<string, unknown>, string][] = [
      [{ permissions: ['*'] }, 'GRANT_NOT_HELD'],
      [{ permissions: ['keywright.settings.manage'] }, 'GRANT_NOT_HELD'],
      [{ grants: [{ permissions: ['view_customer'] }] }, 'GRANT_NOT_HELD'],
      [{ grants: [{ scopeId: mine.organization, roleId: await tenancy.role('Owner') }] }, 'GRANT_NOT_HELD'],
      [{ scopeId: ROOT }, 'FORBIDDEN'],
    ];
    for (const [over, code] of refusals) {
      const answer = await tryMine(CREATE, { input: { name: 'Never made', ...over } });
      expect(codes(answer), JSON.stringify(over)).toEqual([code]);
    }
  });

  test('manages its users, if they hold nothing elsewhere and nothing more', async () => {
    const viewer = await tenancy.role('Viewer');
    const INVITE = `mutation ($email: String!, $grants: [GrantInput!]!) {
      inviteUser(email: $email, grants: $grants) { id status grants { scope { id } } passwordLink { url } } }`;
    const email = 'colleague@example.test';
    const own = [{ scopeId: mine.organization, roleId: viewer }];
    const { inviteUser } = await asMine<{
      inviteUser: { id: string; status: string; passwordLink: { url: string } };
    }>(INVITE, { email, grants: own });
    expect(inviteUser).toMatchObject({ status: 'INVITED' });
    expect(inviteUser.passwordLink.url).toContain('/choose-password#token=');
    const [, token] = inviteUser.passwordLink.url.split('#token=');
    await tenancy.ask(
      'mutation ($token: String!) { choosePassword(token: $token, password: "a password for colleagues") { challenge } }',
      { token },
      {},
    );
    for (const grants of [
      [{ scopeId: mine.organization, permissions: ['*'] }],
      [{ roleId: viewer }],
      [{ scopeId: mine.organization, roleId: await tenancy.role('Admin') }],
    ]) {
      const answer = await tryMine(INVITE, { email: 'never@example.test', grants });
      expect(['GRANT_NOT_HELD', 'FORBIDDEN']).toContain(codes(answer)[0]);
    }
    expect(codes(await tryMine(INVITE, { email: 'never@example.test', grants: [] }))).toEqual([
      'BAD_USER_INPUT',
    ]);

    const UPDATE =
      'mutation ($input: UpdateUserInput!) { updateUser(input: $input) { enabled grants { scope { id } } } }';
    await asMine(UPDATE, { input: { id: inviteUser.id, enabled: false } });
    // A user who also has grants elsewhere is visible here, but cannot be locked out or taken over from here.
    const shared = await tenancy.member([...own, { scopeId: other.organization, roleId: viewer }]);
    for (const [query, variables] of [
      [UPDATE, { input: { id: shared.id, enabled: false } }],
      ['mutation ($id: ID!) { issuePasswordLink(userId: $id) { id } }', { id: shared.id }],
      ['mutation ($id: ID!) { endUserSessions(userId: $id) }', { id: shared.id }],
    ] as const) {
      expect(codes(await tryMine(query, variables))).toEqual(['FORBIDDEN']);
    }
    // Grants removed here are gone; grants elsewhere are not visible and stay.
    const taken = await asMine<{ updateUser: { grants: unknown[] } }>(UPDATE, {
      input: { id: shared.id, grants: [] },
    });
    expect(taken.updateUser.grants).toEqual([]);
    const { user } = await tenancy.ask<{ user: unknown }>(
      'query ($id: ID!) { user(id: $id) { grants { scope { id } } } }',
      {
        id: shared.id,
      },
    );
    expect(user).toEqual({ grants: [{ scope: { id: other.organization } }] });
    // A user with more permissions cannot be taken over either.
    const boss = await tenancy.member([{ scopeId: mine.organization, permissions: ['*'] }]);
    expect(codes(await tryMine(UPDATE, { input: { id: boss.id, enabled: false } }))).toEqual([
      'GRANT_NOT_HELD',
    ]);
    expect(codes(await tryMine(UPDATE, { input: { id: boss.id, grants: [] } }))).toEqual(['GRANT_NOT_HELD']);
  });

  test('does not see, widen or remove what a service account holds elsewhere', async () => {
    const provider = await tenancy.serviceAccount(mine.organization, [
      { scopeId: mine.organization, permissions: ['view_customer'] },
      { scopeId: other.customer, permissions: ['view_invoice'] },
    ]);
    const UPDATE = `mutation ($input: UpdateServiceAccountInput!) {
      updateServiceAccount(input: $input) { grants { scope { id } } } }`;
    const { updateServiceAccount } = await asMine<{ updateServiceAccount: unknown }>(UPDATE, {
      input: { id: provider, grants: [{ scopeId: mine.account, permissions: ['view_customer'] }] },
    });
    expect(updateServiceAccount).toEqual({ grants: [{ scope: { id: mine.account } }] });
    const { serviceAccount } = await tenancy.ask<{ serviceAccount: { grants: unknown[] } }>(
      'query ($id: ID!) { serviceAccount(id: $id) { grants { scope { id } } } }',
      { id: provider },
    );
    expect(serviceAccount.grants).toEqual([
      { scope: { id: other.customer } },
      { scope: { id: mine.account } },
    ]);
    const wider = { id: provider, grants: [{ scopeId: mine.organization, permissions: ['*'] }] };
    expect(codes(await tryMine(UPDATE, { input: wider }))).toEqual(['GRANT_NOT_HELD']);
  });

  test('changes no installation-wide settings', async () => {
    const role = await tenancy.role('Viewer');
    for (const query of [
      'mutation { createRole(input: { name: "x", permissions: [] }) { id } }',
      'mutation { savePermission(input: { name: "x.y", label: "x", group: "x" }) { name } }',
      'mutation { deletePermission(name: "view_customer") }',
      `mutation { updateRole(input: { id: "${role}", permissions: [] }) { id } }`,
      'mutation { setTwoFactorRequired(required: true) }',
      '{ verifyAuditLog { intact } }',
      '{ license { usedKeys } }',
      `mutation { createScope(input: { kind: CUSTOMER, name: "x", email: "x@example.test" }) { id } }`,
    ]) {
      expect(codes(await tryMine(query, {})), query).toEqual(['FORBIDDEN']);
    }
  });

  test('receives live events only about what belongs to it', async () => {
    const as = mine.admin.credential;
    const [changes, usage, logs] = await Promise.all([
      subscribe<{ apiKeyChanged: { apiKey: { id: string } } }>(
        tenancy.url,
        'subscription { apiKeyChanged { apiKey { id } } }',
        {},
        as,
      ),
      subscribe<{ usage: { apiKeyId: string } }>(tenancy.url, 'subscription { usage { apiKeyId } }', {}, as),
      subscribe<{ requestLogs: { apiKey: { id: string } } }>(
        tenancy.url,
        'subscription { requestLogs { apiKey { id } } }',
        {},
        as,
      ),
    ]);
    const RENAME = 'mutation ($input: UpdateApiKeyInput!) { updateApiKey(input: $input) { apiKey { id } } }';
    for (const { key } of [other, mine]) {
      await tenancy.ask(RENAME, { input: { id: key.id, description: 'heard of' } });
      await sandbox(tenancy.url, 'production/ping', key.secret);
    }
    await sandbox(tenancy.url, 'production/ping', `kw_live_${'a'.repeat(50)}`);
    expect((await changes.next()).apiKeyChanged.apiKey.id).toBe(mine.key.id);
    expect((await usage.next()).usage.apiKeyId).toBe(mine.key.id);
    expect((await logs.next()).requestLogs.apiKey.id).toBe(mine.key.id);
    for (const stream of [changes, usage, logs]) {
      await expect(stream.next(500)).rejects.toThrow('Nothing happened');
      await stream.close();
    }
  });
});

test('the last owner cannot be removed, by any request and in any race', async () => {
  // Alone, as its owner may be the one who loses the race.
  const alone = await Tenancy.start();
  onTestFinished(() => alone.stop());
  const UPDATE = 'mutation ($input: UpdateUserInput!) { updateUser(input: $input) { id } }';
  const { viewer } = await alone.ask<{ viewer: { user: { id: string } } }>('{ viewer { user { id } } }');
  const owner = viewer.user.id;
  for (const change of [{ enabled: false }, { grants: [] }]) {
    expect(codes(await alone.try(UPDATE, { input: { id: owner, ...change } }))).toEqual(['CONFLICT']);
  }
  const second = await alone.member([{ roleId: await alone.role('Owner') }]);
  // Each removes the other: one of them stays.
  await Promise.all([
    alone.try(UPDATE, { input: { id: second.id, enabled: false } }),
    alone.try(UPDATE, { input: { id: owner, grants: [] } }, second.credential),
  ]);
  const rows = await alone.database.query(
    `select u.id from app_user u join user_grant g on g.user_id = u.id join role r on r.id = g.role_id
     where u.enabled and '*' = any(r.permissions)`,
  );
  expect(rows).toHaveLength(1);
});
