import { request, type Credential } from '../../support/peers/graphql.js';
import type { Maker } from './maker.js';

/** A key without permissions, as the target of an operation. */
export interface MadeKey {
  readonly id: string;
  readonly secret: string;
  readonly changeToken: string;
}

/** Creates a key at home. */
export const makeKey = (maker: Maker): Promise<MadeKey> => makeKeyWith(maker, {});

/** Creates a signing key at home. */
export const makeSigningKey = (maker: Maker): Promise<MadeKey> =>
  makeKeyWith(maker, { kind: 'SIGNED', signatureProfiles: ['RFC9421'] });

async function makeKeyWith(maker: Maker, more: object): Promise<MadeKey> {
  const input = { name: maker.name('Key'), permissions: [], scopeId: maker.scopes.home, ...more };
  const { createApiKey } = await maker.make<{
    createApiKey: {
      apiKey: { id: string };
      secret: { secret: string };
      propagation: { changeToken: string };
    };
  }>(
    `mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) {
       apiKey { id } secret { secret } propagation { changeToken } } }`,
    { input },
  );
  const { apiKey, secret, propagation } = createApiKey;
  return { id: apiKey.id, secret: secret.secret, changeToken: propagation.changeToken };
}

/** Creates a customer below the root, with its API on. */
export async function makeScope(
  url: string,
  credential: Credential,
  name: string,
  parentId: string,
): Promise<string> {
  const input = {
    kind: 'CUSTOMER',
    parentId,
    name,
    email: `${name.toLowerCase()}@example.test`,
    apiEnabled: true,
  };
  const { createScope } = await request<{ createScope: { id: string } }>(
    url,
    'mutation ($input: CreateScopeInput!) { createScope(input: $input) { id } }',
    { input },
    credential,
  );
  return createScope.id;
}

/** The id in the result of a maker's mutation. */
async function makeBy(maker: Maker, field: string, type: string, input: object): Promise<string> {
  const made = await maker.make<Record<string, { id: string }>>(
    `mutation ($input: ${type}!) { ${field}(input: $input) { id } }`,
    { input },
  );
  return made[field]!.id;
}

/** Creates an organization at home. */
export const makeOrganization = (maker: Maker): Promise<string> =>
  makeBy(maker, 'createScope', 'CreateScopeInput', {
    kind: 'ORGANIZATION',
    parentId: maker.scopes.home,
    name: maker.name('Organization'),
  });

/** Creates a service account without grants at home. */
export const makeServiceAccount = (maker: Maker): Promise<string> =>
  makeBy(maker, 'createServiceAccount', 'CreateServiceAccountInput', {
    name: maker.name('Service account'),
    scopeId: maker.scopes.home,
    grants: [],
  });

/** Creates an unused role. */
export const makeRole = (maker: Maker): Promise<string> =>
  makeBy(maker, 'createRole', 'CreateRoleInput', { name: maker.name('Role'), permissions: [] });

/** Creates a permission catalog entry; returns its name. */
export async function makePermission(maker: Maker): Promise<string> {
  const name = maker.name('made').replace(' ', '_');
  await maker.make('mutation ($input: SavePermissionInput!) { savePermission(input: $input) { name } }', {
    input: { name, label: name, group: 'Made' },
  });
  return name;
}

/** Creates a route rule that denies everyone. */
export const makeRouteRule = (maker: Maker): Promise<string> =>
  makeBy(maker, 'createRouteRule', 'CreateRouteRuleInput', {
    environments: ['STAGING'],
    method: 'ANY',
    pathPattern: `/${maker.name('made').replace(' ', '-')}`,
    access: 'NOBODY',
  });
