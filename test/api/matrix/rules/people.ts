import { makePermission, makeRole } from '../making.js';
import { inviteAndJoin, inviteOnly, makeInvitation } from '../people.js';
import type { OperationRule, Rules } from '../rule.js';
import type { World } from '../world.js';

const none = (): Record<string, never> => ({});
const catalog = { needs: 'keywright.access.manage', at: 'root' } as const;
const users = { needs: 'keywright.users.manage', at: 'scope', seenWith: ['keywright.users.manage'] } as const;

/** A user at home with no more permissions than user managers have, so that grant limits do not matter here. */
const person = (world: World): Parameters<typeof inviteOnly>[1] => [
  { permissions: ['keywright.users.manage'], scopeId: world.scopes.home },
];
const id: OperationRule['variables'] = async (world) => ({
  id: (await inviteAndJoin(world, person(world))).id,
});
const invitation: OperationRule['variables'] = async (world) => ({
  id: await makeInvitation(world, person(world)),
});
const userId: OperationRule['variables'] = async (world) => ({
  userId: (await inviteAndJoin(world, person(world))).id,
});

const disabledUserId: OperationRule['variables'] = async (world) => {
  const { id } = await inviteAndJoin(world, person(world));
  await world.make('mutation ($input: UpdateUserInput!) { updateUser(input: $input) { id } }', {
    input: { id, enabled: false },
  });
  return { userId: id };
};
const ofUser = (field: string): string =>
  `mutation ($userId: ID!) { ${field}(userId: $userId) { failed { code } } }`;

/** Rules of users, roles, the permission catalog and settings. */
export const peopleRules: Rules<OperationRule> = {
  'Query.users': { needs: 'keywright.users.manage', at: 'anywhere', variables: none },
  'Query.user': { ...users, variables: id },
  'Mutation.inviteUser': {
    ...users,
    seenWith: 'anything',
    lost: 'BAD_USER_INPUT',
    variables: (world) => ({
      email: `${world.name('invited').replace(' ', '-')}@example.test`,
      grants: person(world),
    }),
  },
  'Query.invitations': { needs: 'keywright.users.manage', at: 'anywhere', variables: none },
  'Query.receivedInvitation': {
    needs: null,
    at: 'anywhere',
    variables: async (world) => ({ token: (await inviteOnly(world, person(world))).token }),
  },
  'Mutation.resendInvitation': { ...users, variables: invitation },
  'Mutation.revokeInvitation': { ...users, variables: invitation },
  // An invitation is for one address, which belongs to no caller here.
  'Mutation.acceptInvitation': {
    needs: 'signed-in',
    at: 'anywhere',
    onlyFor: 'users',
    gets: 'FORBIDDEN',
    variables: async (world) => ({ token: (await inviteOnly(world, person(world))).token }),
  },
  'Mutation.declineInvitation': {
    needs: 'signed-in',
    at: 'anywhere',
    onlyFor: 'users',
    gets: 'FORBIDDEN',
    variables: async (world) => ({ token: (await inviteOnly(world, person(world))).token }),
  },
  'Mutation.updateUser': {
    ...users,
    variables: async (world) => ({
      input: { id: (await inviteAndJoin(world, person(world))).id, name: 'Renamed' },
    }),
  },
  'Mutation.disableKeysOfUser': {
    ...users,
    document: ofUser('disableKeysOfUser'),
    variables: disabledUserId,
  },
  'Mutation.enableKeysOfUser': { ...users, document: ofUser('enableKeysOfUser'), variables: userId },
  'Mutation.issuePasswordLink': {
    ...users,
    onlyFor: 'users',
    variables: async (world) => ({ userId: (await inviteAndJoin(world, person(world))).id }),
  },
  'Mutation.resetTwoFactor': { ...users, onlyFor: 'users', variables: userId },
  'Mutation.endUserSessions': { ...users, variables: userId },

  'Mutation.savePermission': {
    ...catalog,
    variables: (world) => ({
      input: { name: world.name('saved').replace(' ', '_'), label: 'Saved', group: 'Made' },
    }),
  },
  'Mutation.deletePermission': {
    ...catalog,
    variables: async (world) => ({ name: await makePermission(world) }),
  },
  'Mutation.createRole': {
    ...catalog,
    variables: (world) => ({ input: { name: world.name('Created'), permissions: [] } }),
  },
  'Mutation.updateRole': {
    ...catalog,
    variables: async (world) => ({ input: { id: await makeRole(world), description: 'changed' } }),
  },
  'Mutation.deleteRole': { ...catalog, variables: async (world) => ({ id: await makeRole(world) }) },
  'Query.singleSignOnRoles': { needs: 'keywright.settings.manage', at: 'root', variables: none },
  'Mutation.setTwoFactorRequired': {
    needs: 'keywright.settings.manage',
    at: 'root',
    variables: () => ({ required: false }),
  },
};
