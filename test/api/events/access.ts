import { expect } from 'vitest';
import type { EventType } from '@keywright/schema/event-types';
import { ROOT, type Cases, type World } from './world.js';

type Noun = 'service_account' | 'role' | 'permission' | 'scope' | 'route_rule';

const NAME = expect.any(String) as string;
const GRANTS = [{ scope: ROOT, permissions: ['view_customer'] }];
const RULE = {
  environments: ['PRODUCTION'],
  method: 'GET',
  pathPattern: expect.stringMatching(/^\/\d+$/) as string,
  access: 'ANY_KEY',
} as const;
const HOLD = { hold: { before: ['ACCESS'], after: null } };

const settle = async (
  world: World,
  mutation: 'applyAccessHold' | 'releaseAccessHold',
  ...[entity, target, to]: Parameters<World['hold']>
): Promise<string> => {
  const hold = await world.hold(entity, target, to);
  await world.mutate(mutation, `id: "${hold}"`, '{ propagation { changeToken } }');
  return target;
};
const update = async (world: World, mutation: string, id: string, fields: string): Promise<string> =>
  (await world.mutate(mutation, `input: { id: "${id}", ${fields} }`)).id;
const remove = async (world: World, mutation: string, id: string): Promise<string> => {
  await world.mutate(mutation, `id: "${id}"`, '');
  return id;
};
const permission = async (world: World, name: string, label: string): Promise<string> => {
  await world.mutate(
    'savePermission',
    `input: { name: "${name}", label: "${label}", group: "Tests" }`,
    '{ name }',
  );
  return name;
};
const switchApi = async (world: World, id: string, enabled: boolean): Promise<string> =>
  (await world.mutate('setScopeApiEnabled', `id: "${id}", enabled: ${enabled}`)).id;
const newCustomer = (world: World): Promise<string> => world.customer('apiEnabled: true');

const DOCUMENT = JSON.stringify({
  openapi: '3.0.3',
  info: { title: 'CRM', version: '1' },
  paths: { '/invoices': { get: { security: [{ oauth: ['view_customer'] }], responses: {} } } },
  components: { securitySchemes: { oauth: { type: 'oauth2', flows: {} } } },
});

/** Cases of the events of service accounts, roles, permissions, scopes and route rules. */
export const accessCases: Cases<Extract<EventType, `${Noun}.${string}`>> = {
  'service_account.created': [
    {
      cause: (world) => world.serviceAccount(),
      payload: {
        name: { before: null, after: NAME },
        enabled: { before: null, after: true },
        grants: { before: null, after: GRANTS },
      },
    },
  ],
  'service_account.updated': [
    {
      cause: async (world) =>
        update(
          world,
          'updateServiceAccount',
          await world.serviceAccount(),
          'description: "CI", enabled: false',
        ),
      payload: { description: { before: null, after: 'CI' } },
    },
  ],
  'service_account.disabled': [
    {
      cause: async (world) =>
        update(
          world,
          'updateServiceAccount',
          await world.serviceAccount(),
          'description: "CI", enabled: false',
        ),
      payload: { enabled: { before: true, after: false } },
    },
  ],
  'service_account.enabled': [
    {
      async cause(world) {
        const id = await world.serviceAccount();
        await update(world, 'updateServiceAccount', id, 'enabled: false');
        return update(world, 'updateServiceAccount', id, 'enabled: true');
      },
      payload: { enabled: { before: false, after: true } },
    },
  ],
  'service_account.deleted': [
    {
      cause: async (world) => remove(world, 'deleteServiceAccount', await world.serviceAccount()),
      payload: { name: { before: NAME, after: null } },
    },
  ],
  'service_account.hold_applied': [
    {
      cause: async (world) =>
        settle(world, 'applyAccessHold', 'service_account', await world.serviceAccount(), {
          enabled: true,
          grants: [],
        }),
      payload: HOLD,
    },
  ],
  'service_account.hold_released': [
    {
      cause: async (world) =>
        settle(world, 'releaseAccessHold', 'service_account', await world.serviceAccount(), {
          enabled: true,
          grants: [],
        }),
      payload: HOLD,
    },
  ],
  'role.created': [
    {
      cause: (world) => world.role(),
      payload: {
        name: { before: null, after: NAME },
        permissions: { before: null, after: ['view_customer'] },
      },
    },
  ],
  'role.updated': [
    {
      cause: async (world) => update(world, 'updateRole', await world.role(), 'permissions: []'),
      payload: { permissions: { before: ['view_customer'], after: [] } },
    },
  ],
  'role.deleted': [
    {
      cause: async (world) => remove(world, 'deleteRole', await world.role()),
      payload: { name: { before: NAME, after: null } },
    },
  ],
  'role.hold_applied': [
    {
      cause: async (world) =>
        settle(world, 'applyAccessHold', 'role', await world.role(), { permissions: [] }),
      payload: HOLD,
    },
  ],
  'role.hold_released': [
    {
      cause: async (world) =>
        settle(world, 'releaseAccessHold', 'role', await world.role(), { permissions: [] }),
      payload: HOLD,
    },
  ],
  'permission.created': [
    {
      cause: (world) => permission(world, 'event_test.created', 'Created'),
      payload: {
        label: { before: null, after: 'Created' },
        group: { before: null, after: 'Tests' },
        description: { before: null, after: '' },
      },
    },
  ],
  'permission.updated': [
    {
      async cause(world) {
        await permission(world, 'event_test.updated', 'Before');
        return permission(world, 'event_test.updated', 'After');
      },
      payload: { label: { before: 'Before', after: 'After' } },
    },
  ],
  'permission.deleted': [
    {
      async cause(world) {
        await permission(world, 'event_test.deleted', 'Deleted');
        await world.mutate('deletePermission', 'name: "event_test.deleted"', '');
        return 'event_test.deleted';
      },
      payload: { label: { before: 'Deleted', after: null } },
    },
  ],
  'scope.created': [
    {
      cause: newCustomer,
      payload: {
        kind: { before: null, after: 'CUSTOMER' },
        name: { before: null, after: NAME },
        email: { before: null, after: expect.stringContaining('@') as string },
        joinedOn: { before: null, after: '2026-01-02' },
        parent: { before: null, after: ROOT },
        apiEnabled: { before: null, after: true },
      },
    },
  ],
  'scope.updated': [
    {
      cause: async (world) => update(world, 'updateScope', await newCustomer(world), 'maximumKeys: 5'),
      payload: { maximumKeys: { before: null, after: 5 } },
    },
  ],
  'scope.moved': [
    {
      async cause(world) {
        const [from, to] = [await newCustomer(world), await newCustomer(world)];
        const input = `kind: ORGANIZATION, name: "Organization ${world.next()}", parentId: "${from}"`;
        const { id } = await world.mutate('createScope', `input: { ${input} }`);
        return update(world, 'updateScope', id, `parentId: "${to}"`);
      },
      payload: {
        parent: {
          before: expect.stringMatching(/^scp_/) as string,
          after: expect.stringMatching(/^scp_/) as string,
        },
      },
    },
  ],
  'scope.deleted': [
    {
      cause: async (world) => remove(world, 'deleteScope', await newCustomer(world)),
      payload: { name: { before: NAME, after: null } },
    },
  ],
  'scope.api_disabled': [
    {
      cause: async (world) => switchApi(world, await newCustomer(world), false),
      payload: { apiEnabled: { before: true, after: false } },
    },
  ],
  'scope.api_enabled': [
    {
      cause: async (world) => switchApi(world, await world.customer(), true),
      payload: { apiEnabled: { before: false, after: true } },
    },
  ],
  'scope.hold_applied': [
    {
      cause: async (world) =>
        settle(world, 'applyAccessHold', 'scope', await newCustomer(world), {
          apiEnabled: false,
          parentId: ROOT,
        }),
      payload: HOLD,
    },
  ],
  'scope.hold_released': [
    {
      cause: async (world) =>
        settle(world, 'releaseAccessHold', 'scope', await newCustomer(world), {
          apiEnabled: false,
          parentId: ROOT,
        }),
      payload: HOLD,
    },
  ],
  'route_rule.created': [
    {
      cause: (world) => world.rule(),
      payload: {
        environments: { before: null, after: RULE.environments },
        method: { before: null, after: RULE.method },
        pathPattern: { before: null, after: RULE.pathPattern },
        access: { before: null, after: RULE.access },
        position: { before: null, after: expect.any(Number) as number },
      },
    },
  ],
  'route_rule.updated': [
    {
      cause: async (world) => update(world, 'updateRouteRule', await world.rule(), 'access: NOBODY'),
      payload: { access: { before: 'ANY_KEY', after: 'NOBODY' } },
    },
  ],
  'route_rule.moved': [
    {
      async cause(world) {
        await world.rule();
        return (await world.mutate('moveRouteRule', `id: "${await world.rule()}", position: 1`)).id;
      },
      payload: { position: { before: expect.any(Number) as number, after: 1 } },
    },
  ],
  'route_rule.deleted': [
    {
      cause: async (world) => remove(world, 'deleteRouteRule', await world.rule()),
      payload: {
        environments: { before: RULE.environments, after: null },
        method: { before: RULE.method, after: null },
        pathPattern: { before: RULE.pathPattern, after: null },
        access: { before: RULE.access, after: null },
        position: { before: expect.any(Number) as number, after: null },
      },
    },
  ],
  'route_rule.imported': [
    {
      async cause(world) {
        const input = `document: ${JSON.stringify(DOCUMENT)}, environments: [PRODUCTION]`;
        await world.mutate('importOpenApi', `input: { ${input} }`, '{ title }');
        return null;
      },
      payload: {
        environments: { before: null, after: ['PRODUCTION'] },
        mode: { before: null, after: 'APPEND' },
        added: { before: null, after: ['GET /invoices: view_customer'] },
        changed: { before: [], after: [] },
        removed: { before: [], after: null },
      },
    },
  ],
  'route_rule.hold_applied': [
    {
      async cause(world) {
        await settle(world, 'applyAccessHold', 'route_rules', 'route_rules', { rules: [], noMatch: 'DENY' });
        return null;
      },
      payload: { hold: { before: ['CHANGED'], after: null } },
    },
  ],
  'route_rule.hold_released': [
    {
      async cause(world) {
        await settle(world, 'releaseAccessHold', 'route_rules', 'route_rules', {
          rules: [],
          noMatch: 'DENY',
        });
        return null;
      },
      payload: { hold: { before: ['CHANGED'], after: null } },
    },
  ],
};
