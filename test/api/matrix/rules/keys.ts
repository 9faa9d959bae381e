import { makeKey, makeSigningKey } from '../making.js';
import type { OperationRule, Rules } from '../rule.js';

const key: OperationRule['variables'] = async (world) => ({ id: (await makeKey(world)).id });
const read = { needs: 'keywright.keys.read', at: 'anywhere' } as const;
const write = { needs: 'keywright.keys.write', at: 'scope' } as const;
const revoke = { needs: 'keywright.keys.revoke', at: 'scope' } as const;

/** There are none here; other tests cover losses of a restored database. */
const hold: OperationRule = {
  needs: 'keywright.keys.write',
  at: 'root',
  onlyFor: 'users',
  gets: 'NOT_FOUND',
  variables: () => ({ id: 'hld_01h455vb4pex5vsknk084sn02q' }),
};

const accessHold: OperationRule = {
  ...hold,
  needs: 'keywright.access.manage',
  variables: () => ({ id: 'ahd_01h455vb4pex5vsknk084sn02q' }),
};

/** A document for a bulk change that returns the failures. */
const bulk = (field: string, more = ''): string =>
  `mutation ($ids: [ID!]!) { ${field}(ids: $ids${more}) { failed { code } } }`;
const keys: OperationRule['variables'] = async (world) => ({ ids: [(await makeKey(world)).id] });

/** Rules of keys, including verification. */
export const keyRules: Rules<OperationRule> = {
  'Query.apiKey': { ...read, at: 'scope', variables: key },
  'Query.apiKeyCounts': { ...read, variables: () => ({}) },
  'Query.apiKeys': { ...read, variables: () => ({ first: 1 }) },
  'Query.node': { ...read, at: 'scope', variables: key },
  'Query.propagation': {
    ...read,
    variables: async (world) => ({ changeToken: (await makeKey(world)).changeToken }),
  },
  'Subscription.apiKeyChanged': { ...read, variables: () => ({}) },

  'Mutation.applyAccessHold': accessHold,
  'Mutation.applyKeyHold': hold,
  'Mutation.bulkDisableApiKeys': { ...write, variables: keys, document: bulk('bulkDisableApiKeys') },
  'Mutation.bulkExtendApiKeys': {
    ...write,
    variables: keys,
    document: bulk('bulkExtendApiKeys', ', expiresAt: null'),
  },
  'Mutation.bulkRevokeApiKeys': { ...revoke, variables: keys, document: bulk('bulkRevokeApiKeys') },
  'Mutation.createApiKey': {
    ...write,
    seenWith: 'anything',
    lost: 'BAD_USER_INPUT',
    variables: (world) => ({
      input: { name: world.name('Created'), permissions: [], scopeId: world.scopes.home },
    }),
  },
  'Mutation.disableApiKey': { ...write, variables: key },
  'Mutation.duplicateApiKey': {
    ...write,
    variables: async (world) => ({ id: (await makeKey(world)).id, name: world.name('Copy') }),
  },
  'Mutation.enableApiKey': { ...write, variables: key },
  'Mutation.endApiKeyOverlap': { ...write, variables: key },
  'Mutation.explainSignature': {
    needs: 'keywright.verify',
    at: 'scope',
    variables: async (world) => ({
      input: { apiKeyId: (await makeSigningKey(world)).id, pasted: 'GET / HTTP/1.1' },
    }),
  },
  'Mutation.lockApiKey': { ...write, variables: key },
  'Mutation.regenerateApiKey': { ...write, variables: key },
  'Mutation.releaseAccessHold': accessHold,
  'Mutation.releaseKeyHold': hold,
  'Mutation.revokeApiKey': { ...revoke, variables: key },
  'Mutation.unlockApiKey': { ...write, variables: key },
  'Mutation.updateApiKey': {
    ...write,
    variables: async (world) => ({ input: { id: (await makeKey(world)).id, description: 'changed' } }),
  },
  'Mutation.verifyApiKey': {
    needs: 'keywright.verify',
    at: 'anywhere',
    variables: async (world) => ({ input: { key: (await makeKey(world)).secret } }),
  },
};
