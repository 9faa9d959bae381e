import { createRule } from './route-rules.js';
import type { GraphqlResponse } from '../peers/graphql.js';
import { ROOT, type Tenancy } from './tenancy.js';

/** A kind of editable object, for tests of versions. */
export interface Editable {
  /** The mutation that changes it, such as `updateApiKey`. */
  readonly mutation: string;
  /** Input type of that mutation; null if it uses only arguments. */
  readonly input: string | null;
  /** Creates one; returns its identifying fields. */
  readonly make: (tenancy: Tenancy) => Promise<string>;
  /** Reads the version. */
  readonly version: (tenancy: Tenancy, id: string) => Promise<number>;
  /** One change per field of the input, applied in turn to one object; several lists if fields are mutually exclusive. */
  readonly changes: (tenancy: Tenancy) => Promise<readonly Change[]>;
  /** Other changes that create a new version. */
  readonly counts?: Readonly<Record<string, Action>>;
  /** Changes that do not create a new version. */
  readonly ignores?: Readonly<Record<string, Action>>;
}

/** Fields of an input, or arguments. */
export type Change = Readonly<Record<string, unknown>>;

type Action = (tenancy: Tenancy, id: string) => Promise<unknown>;

/** Changes an object if it still has this version. */
export function edit(
  tenancy: Tenancy,
  { mutation, input }: Editable,
  id: string,
  change: Change,
  expectedVersion?: number | null,
): Promise<GraphqlResponse<unknown>> {
  const result = mutation === 'updateApiKey' ? '{ apiKey { version } }' : '{ version }';
  if (input === null) {
    return tenancy.try(
      `mutation ($id: ID!, $position: Int!, $expectedVersion: Int) {
         ${mutation}(id: $id, position: $position, expectedVersion: $expectedVersion) ${result} }`,
      { id, ...change, expectedVersion },
    );
  }
  const named = mutation === 'savePermission' ? { name: id, label: 'Label', group: 'Group' } : { id };
  return tenancy.try(
    `mutation ($input: ${input}!, $expectedVersion: Int) {
       ${mutation}(input: $input, expectedVersion: $expectedVersion) ${result} }`,
    { input: { ...named, ...change }, expectedVersion },
  );
}

let made = 0;
const name = (): string => `Edited ${++made}`;
const reader =
  (field: string) =>
  async (tenancy: Tenancy, id: string): Promise<number> => {
    const answer = await tenancy.ask<Record<string, { version: number }>>(
      `query ($id: ID!) { found: ${field}(id: $id) { ... on ${TYPE_OF[field] ?? 'Node'} { version } } }`,
      { id },
    );
    return answer['found']!.version;
  };
const TYPE_OF: Readonly<Record<string, string>> = {
  apiKey: 'ApiKey',
  serviceAccount: 'ServiceAccount',
  scope: 'Scope',
  user: 'User',
};
const listed =
  (field: string, by: string) =>
  async (tenancy: Tenancy, id: string): Promise<number> => {
    const answer = await tenancy.ask<Record<string, { version: number }[]>>(`{ ${field} { ${by} version } }`);
    return answer[field]!.find((each) => (each as unknown as Record<string, string>)[by] === id)!.version;
  };
const onId =
  (mutation: string, extra = '', result = ' { apiKey { id } }'): Action =>
  (tenancy, id) =>
    tenancy.ask(`mutation ($id: ID!) { ${mutation}(id: $id${extra})${result} }`, { id });

const makeAccount = (tenancy: Tenancy): Promise<string> => tenancy.serviceAccount(ROOT, []);
const permissionsAt = (...permissions: string[]) => [{ scopeId: ROOT, permissions }];
const role = async (tenancy: Tenancy): Promise<string> => {
  const { createRole } = await tenancy.ask<{ createRole: { id: string } }>(
    'mutation ($input: CreateRoleInput!) { createRole(input: $input) { id } }',
    { input: { name: name(), permissions: ['view_customer'] } },
  );
  return createRole.id;
};
const rule = async (tenancy: Tenancy): Promise<string> =>
  (await createRule(tenancy.url, tenancy.owner, { pathPattern: `/edited${++made}/{scopeId}` })).id;

/** All kinds of editable objects. */
export const EDITABLES: readonly Editable[] = [
  {
    mutation: 'updateApiKey',
    input: 'UpdateApiKeyInput',
    make: async (tenancy) => (await tenancy.key({ kind: 'SIGNED', signatureProfiles: ['RFC9421'] })).id,
    version: reader('apiKey'),
    changes: () =>
      Promise.resolve([
        { name: name() },
        { description: 'Other' },
        { expiresAt: '2099-01-01T00:00:00Z' },
        { expiresOn: '2098-01-01' },
        { permissions: ['create_customer'] },
        { grants: permissionsAt('view_invoice') },
        { rateLimits: [{ name: 'burst', limit: 5, windowSeconds: 60 }] },
        { quotas: [{ period: 'DAY', limit: 5 }] },
        { allowedCidrs: ['192.0.2.0/24'] },
        { metadata: { plan: 'gold' } },
        { enabled: false },
        { locked: true },
        { signatureProfiles: ['TIMESTAMP'] },
      ]),
    counts: {
      'a process of an older release': (tenancy, id) =>
        tenancy.database.query(`update api_key set description = 'older' where id = $1`, [id]),
      'its grants alone, by an older release': (tenancy, id) =>
        tenancy.database.query('delete from api_key_grant where api_key_id = $1', [id]),
      'being disabled': onId('disableApiKey'),
      'being enabled': onId('enableApiKey'),
      'being locked': onId('lockApiKey'),
      'being unlocked': onId('unlockApiKey'),
      'being regenerated': onId('regenerateApiKey', ', overlapSeconds: 3600'),
      'the early end of an overlap': onId('endApiKeyOverlap'),
      'being disabled with others': (tenancy, id) =>
        tenancy.ask('mutation ($ids: [ID!]!) { bulkDisableApiKeys(ids: $ids) { succeeded } }', { ids: [id] }),
      'being extended with others': (tenancy, id) =>
        tenancy.ask(
          'mutation ($ids: [ID!]!) { bulkExtendApiKeys(ids: $ids, expiresAt: "2099-06-01T00:00:00Z", shorten: true) { succeeded } }',
          { ids: [id] },
        ),
      'being revoked': onId('revokeApiKey'),
    },
  },
  {
    mutation: 'updateServiceAccount',
    input: 'UpdateServiceAccountInput',
    make: makeAccount,
    version: reader('serviceAccount'),
    changes: () =>
      Promise.resolve([
        { name: name() },
        { description: 'Other' },
        { enabled: false },
        { grants: permissionsAt('view_customer') },
      ]),
    ignores: {
      'a new key of it': (tenancy, serviceAccountId) => tenancy.key({ serviceAccountId, name: name() }),
    },
  },
  {
    mutation: 'updateRole',
    input: 'UpdateRoleInput',
    make: role,
    version: listed('roles', 'id'),
    changes: () =>
      Promise.resolve([{ name: name() }, { description: 'Other' }, { permissions: ['view_invoice'] }]),
    ignores: {
      'being granted': (tenancy, roleId) => tenancy.serviceAccount(ROOT, [{ roleId, scopeId: ROOT }]),
    },
  },
  {
    mutation: 'updateScope',
    input: 'UpdateScopeInput',
    make: (tenancy) => tenancy.scope('CUSTOMER'),
    version: reader('scope'),
    changes: () =>
      Promise.resolve([
        { name: name() },
        { email: `edited${++made}@example.test` },
        { joinedOn: '2020-02-02' },
        { maximumKeys: 7 },
      ]),
    counts: {
      'its API being switched': onId('setScopeApiEnabled', ', enabled: false', ' { id }'),
    },
    ignores: { 'a scope below it': (tenancy, id) => tenancy.scope('ORGANIZATION', id) },
  },
  {
    mutation: 'updateScope',
    input: 'UpdateScopeInput',
    make: async (tenancy) => tenancy.scope('ORGANIZATION', await tenancy.scope('CUSTOMER')),
    version: reader('scope'),
    changes: async (tenancy) => [{ name: name() }, { parentId: await tenancy.scope('CUSTOMER') }],
  },
  {
    mutation: 'updateUser',
    input: 'UpdateUserInput',
    make: async (tenancy) => (await tenancy.member(permissionsAt('view_customer'))).id,
    version: reader('user'),
    changes: () =>
      Promise.resolve([{ name: name() }, { grants: permissionsAt('view_invoice') }, { enabled: false }]),
    ignores: {
      'signing in, choosing a password and what groups bring': (tenancy, id) =>
        tenancy.database.query(
          `with changed as (
             update app_user set last_sign_in_at = now(), password_hash = 'other', preferences = '{"a": 1}' where id = $1)
           insert into user_grant (user_id, position, scope_id, permissions, source)
           values ($1, 99, '${ROOT}', '{view_customer}', 'OIDC')`,
          [id],
        ),
    },
  },
  {
    mutation: 'updateRouteRule',
    input: 'UpdateRouteRuleInput',
    make: rule,
    version: listed('routeRules', 'id'),
    changes: () =>
      Promise.resolve([
        { environments: ['STAGING'] },
        { method: 'POST' },
        { pathPattern: `/edited${++made}/{scopeId}` },
        { scopeParameter: 'scopeId' },
        { permission: 'view_invoice' },
        { description: 'Other' },
        { access: 'ANY_KEY' },
      ]),
    counts: {
      'being moved': onId('moveRouteRule', ', position: 1', ' { id }'),
      'another rule before it': (tenancy) =>
        createRule(tenancy.url, tenancy.owner, { pathPattern: `/edited${++made}`, position: 1 }),
      'two other rules that change places': (tenancy) =>
        createRule(tenancy.url, tenancy.owner, { pathPattern: `/edited${++made}`, position: 2 }).then(
          ({ id }) => onId('moveRouteRule', ', position: 1', ' { id }')(tenancy, id),
        ),
    },
    ignores: { 'another rule after all others': (tenancy) => rule(tenancy) },
  },
  {
    mutation: 'moveRouteRule',
    input: null,
    make: rule,
    version: listed('routeRules', 'id'),
    changes: () => Promise.resolve([{ position: 1 }]),
  },
  {
    mutation: 'savePermission',
    input: 'SavePermissionInput',
    make: async (tenancy) => {
      const permission = `edited${++made}.read`;
      await tenancy.ask(
        'mutation ($input: SavePermissionInput!) { savePermission(input: $input) { name } }',
        {
          input: { name: permission, label: 'Label', group: 'Group' },
        },
      );
      return permission;
    },
    version: listed('permissions', 'name'),
    changes: () => Promise.resolve([{ label: 'Other' }, { group: 'Other' }, { description: 'Other' }]),
    counts: {
      'being deleted and made again': async (tenancy, permission) => {
        await tenancy.ask('mutation ($name: String!) { deletePermission(name: $name) }', {
          name: permission,
        });
        await tenancy.ask(
          'mutation ($input: SavePermissionInput!) { savePermission(input: $input) { name } }',
          { input: { name: permission, label: 'Label', group: 'Group' } },
        );
      },
    },
    ignores: {
      'being granted': (tenancy, permission) => tenancy.serviceAccount(ROOT, permissionsAt(permission)),
    },
  },
];
