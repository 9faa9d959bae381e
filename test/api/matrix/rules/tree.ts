import { makeOrganization, makeServiceAccount } from '../making.js';
import type { OperationRule, Rules } from '../rule.js';

const none = (): Record<string, never> => ({});
const scope: OperationRule['variables'] = async (world) => ({ id: await makeOrganization(world) });
const account: OperationRule['variables'] = async (world) => ({ id: await makeServiceAccount(world) });
const scopes = { needs: 'keywright.access.manage', at: 'scope', seenWith: 'anything' } as const;
const SHOWING = ['keywright.keys.read', 'keywright.access.manage'] as const;
const accounts = { needs: 'keywright.access.manage', at: 'scope', seenWith: SHOWING } as const;

/** Rules of the scope tree and its service accounts. */
export const treeRules: Rules<OperationRule> = {
  'Query.scope': { needs: 'signed-in', at: 'scope', seenWith: 'anything', variables: scope },
  'Query.scopes': { needs: 'signed-in', at: 'anywhere', variables: none },
  'Query.scopesConnection': { needs: 'signed-in', at: 'anywhere', variables: none },
  'Mutation.createScope': {
    ...scopes,
    lost: 'BAD_USER_INPUT',
    variables: (world) => ({
      input: { kind: 'ORGANIZATION', parentId: world.scopes.home, name: world.name('Created') },
    }),
  },
  'Mutation.updateScope': {
    ...scopes,
    variables: async (world) => ({
      input: { id: await makeOrganization(world), name: world.name('Renamed') },
    }),
  },
  'Mutation.deleteScope': { ...scopes, variables: scope },
  'Mutation.setScopeApiEnabled': {
    ...scopes,
    variables: async (world) => ({ id: await makeOrganization(world), enabled: true }),
  },

  'Query.serviceAccount': { needs: SHOWING, at: 'scope', seenWith: SHOWING, variables: account },
  'Query.serviceAccounts': { needs: SHOWING, at: 'anywhere', variables: none },
  'Mutation.createServiceAccount': {
    ...accounts,
    seenWith: 'anything',
    lost: 'BAD_USER_INPUT',
    variables: (world) => ({
      input: { name: world.name('Created'), scopeId: world.scopes.home, grants: [] },
    }),
  },
  'Mutation.updateServiceAccount': {
    ...accounts,
    variables: async (world) => ({ input: { id: await makeServiceAccount(world), description: 'changed' } }),
  },
  'Mutation.deleteServiceAccount': { ...accounts, variables: account },
};
