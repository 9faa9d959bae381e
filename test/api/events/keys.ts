import { expect } from 'vitest';
import type { EventType } from '@keywright/schema/event-types';
import { ROOT, type Cases, type World } from './world.js';

const issued = async (answer: Promise<{ apiKey: { id: string } }>): Promise<string> =>
  (await answer).apiKey.id;

const GRANTS = [{ scope: ROOT, permissions: ['view_customer'] }];
const NEW_KEY = {
  name: { before: null, after: expect.stringMatching(/^Key \d+$/) as string },
  description: { before: null, after: null },
  kind: { before: null, after: 'BEARER' },
  signatureProfiles: { before: null, after: [] },
  environment: { before: null, after: 'PRODUCTION' },
  enabled: { before: null, after: true },
  locked: { before: null, after: false },
  rateLimits: { before: null, after: [] },
  quotas: { before: null, after: [] },
  allowedCidrs: { before: null, after: [] },
  metadata: { before: null, after: {} },
  expiresAt: { before: null, after: null },
  scopeId: { before: null, after: ROOT },
  serviceAccountId: { before: null, after: null },
  narrowed: { before: null, after: false },
  grants: { before: null, after: GRANTS },
} as const;
const DISABLED = { enabled: { before: true, after: false } };
const ENABLED = { enabled: { before: false, after: true } };
const HOLD = { hold: { before: ['ACCESS'], after: null } };

const bulk = async (world: World, name: string, id: string, args = ''): Promise<string> => {
  await world.mutate(name, `ids: ["${id}"]${args}`, '{ succeeded }');
  return id;
};
const update = async (world: World, id: string, fields: string): Promise<string> => {
  await world.mutate('updateApiKey', `input: { id: "${id}", ${fields} }`, '{ apiKey { id } }');
  return id;
};

/** A person who created a key and was disabled. */
async function leaver(world: World): Promise<{ userId: string; keyId: string }> {
  const person = await world.people.add(['keywright.keys.read', 'keywright.keys.write', 'view_customer']);
  const bearer = await world.people.signIn(person);
  const input = `input: { name: "Key ${world.next()}", permissions: ["view_customer"] }`;
  const made = world.mutate<{ apiKey: { id: string } }>('createApiKey', input, '{ apiKey { id } }', {
    bearer,
  });
  const keyId = await issued(made);
  await world.mutate('updateUser', `input: { id: "${person.id}", enabled: false }`);
  return { userId: person.id, keyId };
}

/** Cases of the events of keys. */
export const keyCases: Cases<Extract<EventType, `api_key.${string}`>> = {
  'api_key.created': [{ cause: (world) => world.key(), payload: NEW_KEY }],
  'api_key.duplicated': [
    {
      async cause(world) {
        const args = `id: "${await world.key()}", name: "Key ${world.next()}"`;
        return issued(world.mutate('duplicateApiKey', args, '{ apiKey { id } }'));
      },
      payload: { ...NEW_KEY, duplicateOf: { before: null, after: expect.stringMatching(/^key_/) as string } },
    },
  ],
  'api_key.updated': [
    {
      cause: async (world) => update(world, await world.key(), 'description: "Nightly", permissions: ["*"]'),
      payload: {
        description: { before: null, after: 'Nightly' },
        grants: { before: GRANTS, after: [{ scope: ROOT, permissions: ['*'] }] },
      },
    },
    {
      cause: async (world) =>
        bulk(
          world,
          'bulkExtendApiKeys',
          await world.key('permissions: [], expiresAt: "2090-01-02T03:04:05Z"'),
          ', expiresAt: "2099-01-02T03:04:05Z"',
        ),
      payload: { expiresAt: { before: '2090-01-02T03:04:05.000Z', after: '2099-01-02T03:04:05.000Z' } },
    },
  ],
  'api_key.enabled': [
    {
      cause: async (world) => world.ofKey('enableApiKey', await world.key('permissions: [], enabled: false')),
      payload: ENABLED,
    },
    {
      cause: async (world) =>
        update(world, await world.key('permissions: [], enabled: false'), 'enabled: true'),
      payload: ENABLED,
    },
    {
      async cause(world) {
        const { userId, keyId } = await leaver(world);
        await world.mutate('disableKeysOfUser', `userId: "${userId}"`, '{ succeeded }');
        await world.mutate('updateUser', `input: { id: "${userId}", enabled: true }`);
        await world.mutate('enableKeysOfUser', `userId: "${userId}"`, '{ succeeded }');
        return keyId;
      },
      payload: {
        ...ENABLED,
        disabledWithUser: { before: expect.stringMatching(/^usr_/) as string, after: null },
      },
    },
  ],
  'api_key.disabled': [
    { cause: async (world) => world.ofKey('disableApiKey', await world.key()), payload: DISABLED },
    { cause: async (world) => bulk(world, 'bulkDisableApiKeys', await world.key()), payload: DISABLED },
    {
      cause: async (world) => update(world, await world.key(), 'enabled: false, description: "Off"'),
      payload: DISABLED,
    },
    {
      async cause(world) {
        const { userId, keyId } = await leaver(world);
        await world.mutate('disableKeysOfUser', `userId: "${userId}"`, '{ succeeded }');
        return keyId;
      },
      payload: {
        ...DISABLED,
        disabledWithUser: { before: null, after: expect.stringMatching(/^usr_/) as string },
      },
    },
  ],
  'api_key.locked': [
    {
      cause: async (world) => world.ofKey('lockApiKey', await world.key()),
      payload: { locked: { before: false, after: true } },
    },
    {
      cause: async (world) => update(world, await world.key(), 'locked: true'),
      payload: { locked: { before: false, after: true } },
    },
  ],
  'api_key.unlocked': [
    {
      cause: async (world) => world.ofKey('unlockApiKey', await world.key('permissions: [], locked: true')),
      payload: { locked: { before: true, after: false } },
    },
  ],
  'api_key.regenerated': [
    {
      cause: async (world) => world.ofKey('regenerateApiKey', await world.key(), ', overlapSeconds: 60'),
      payload: {
        secretVersion: { before: 1, after: 2 },
        overlapEndsAt: { before: null, after: expect.stringMatching(/^\d{4}-.*Z$/) as string },
      },
    },
  ],
  'api_key.overlap_ended': [
    {
      async cause(world) {
        const id = await world.key();
        await world.ofKey('regenerateApiKey', id, ', overlapSeconds: 60');
        return world.ofKey('endApiKeyOverlap', id);
      },
      payload: { overlapEndsAt: { before: expect.stringMatching(/^\d{4}-.*Z$/) as string, after: null } },
    },
  ],
  'api_key.revoked': [
    {
      cause: async (world) => world.ofKey('revokeApiKey', await world.key(), ', reason: "Not used"'),
      payload: { revoked: { before: false, after: true }, reason: { before: null, after: 'Not used' } },
    },
    {
      cause: async (world) => bulk(world, 'bulkRevokeApiKeys', await world.key()),
      payload: { revoked: { before: false, after: true }, reason: { before: null, after: null } },
    },
  ],
  'api_key.hold_applied': [
    {
      async cause(world) {
        const id = await world.key();
        const hold = await world.hold('api_key', id, { revoked: true });
        await world.mutate('applyKeyHold', `id: "${hold}"`, '{ propagation { changeToken } }');
        return id;
      },
      payload: HOLD,
    },
  ],
  'api_key.hold_released': [
    {
      async cause(world) {
        const id = await world.key();
        const hold = await world.hold('api_key', id, { revoked: true });
        await world.mutate('releaseKeyHold', `id: "${hold}"`, '{ propagation { changeToken } }');
        return id;
      },
      payload: HOLD,
    },
  ],
};
