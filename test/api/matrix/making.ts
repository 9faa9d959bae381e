import { request, type Credential } from '../../support/graphql.js';
import type { Maker } from './maker.js';

/** A key that was made to be acted upon: it may do nothing. */
export interface MadeKey {
  readonly id: string;
  readonly secret: string;
  readonly changeToken: string;
}

/** Makes a key at home. */
export const makeKey = (maker: Maker): Promise<MadeKey> => makeKeyWith(maker, {});

/** Makes a key at home that signs. */
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

/** Makes a customer below the root, with its API switched on. */
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

/** The id of what a mutation of the maker returns. */
async function makeBy(maker: Maker, field: string, type: string, input: object): Promise<string> {
  const made = await maker.make<Record<string, { id: string }>>(
    `mutation ($input: ${type}!) { ${field}(input: $input) { id } }`,
    { input },
  );
  return made[field]!.id;
}

/** Makes an organization at home. */
export const makeOrganization = (maker: Maker): Promise<string> =>
  makeBy(maker, 'createScope', 'CreateScopeInput', {
    kind: 'ORGANIZATION',
    parentId: maker.scopes.home,
    name: maker.name('Organization'),
  });

/** Makes a service account at home, which may do nothing. */
export const makeServiceAccount = (maker: Maker): Promise<string> =>
  makeBy(maker, 'createServiceAccount', 'CreateServiceAccountInput', {
    name: maker.name('Service account'),
    scopeId: maker.scopes.home,
    grants: [],
  });

/** Makes a role that nobody holds. */
export const makeRole = (maker: Maker): Promise<string> =>
  makeBy(maker, 'createRole', 'CreateRoleInput', { name: maker.name('Role'), permissions: [] });

/** Makes an entry of the permission catalogue; returns its name. */
export async function makePermission(maker: Maker): Promise<string> {
  const name = maker.name('made').replace(' ', '_');
  await maker.make('mutation ($input: SavePermissionInput!) { savePermission(input: $input) { name } }', {
    input: { name, label: name, group: 'Made' },
  });
  return name;
}

/** Makes a route rule that lets nobody pass. */
export const makeRouteRule = (maker: Maker): Promise<string> =>
  makeBy(maker, 'createRouteRule', 'CreateRouteRuleInput', {
    environments: ['STAGING'],
    method: 'ANY',
    pathPattern: `/${maker.name('made').replace(' ', '-')}`,
    access: 'NOBODY',
  });
