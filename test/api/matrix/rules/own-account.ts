import { signIn } from '../../../support/peers/client.js';
import { request } from '../../../support/peers/graphql.js';
import type { Caller } from '../caller.js';
import { inviteOnly } from '../people.js';
import type { OperationRule, Rules } from '../rule.js';
import type { World } from '../world.js';

const none = (): Record<string, never> => ({});
const anyone = { needs: null, at: 'anywhere' } as const;
const user = { needs: 'signed-in', at: 'anywhere', onlyFor: 'users' } as const;

const password = (caller: Caller): string => caller.account?.password ?? 'no password at all';

/** Another session of the caller. */
async function otherSession(world: World, { account }: Caller): Promise<string> {
  if (!account) return 'ses_00000000000000000000000000';
  const bearer = await signIn(world.url, account);
  const { viewer } = await request<{ viewer: { sessions: { id: string; current: boolean }[] } }>(
    world.url,
    '{ viewer { sessions { id current } } }',
    {},
    { bearer },
  );
  return viewer.sessions.find(({ current }) => current)!.id;
}

/** Rules of a user's own account. */
export const ownAccountRules: Rules<OperationRule> = {
  // An unknown challenge is handled like an expired one.
  'Mutation.completeTwoFactor': {
    ...anyone,
    gets: 'UNAUTHENTICATED',
    endsSession: true,
    variables: () => ({ challenge: 'a'.repeat(43), code: '000000' }),
  },
  'Mutation.choosePassword': {
    ...anyone,
    endsSession: true,
    variables: async (world) => ({
      token: (await inviteOnly(world, [{ permissions: ['view_customer'], scopeId: world.scopes.home }]))
        .token,
      password: 'chosen for the first time',
    }),
  },
  'Mutation.requestPasswordReset': {
    ...anyone,
    variables: (world) => ({ email: `${world.name('stranger').replace(' ', '-')}@example.test` }),
  },
  // A wrong password, so that the caller's own does not change.
  'Mutation.changePassword': {
    ...user,
    gets: 'BAD_USER_INPUT',
    variables: () => ({ currentPassword: 'not the password', newPassword: 'another password of mine' }),
  },
  'Mutation.endSession': {
    ...user,
    variables: async (world, caller) => ({ id: await otherSession(world, caller) }),
  },
  'Mutation.endOtherSessions': { ...user, variables: none },
  'Mutation.beginTwoFactor': { ...user, variables: (_, caller) => ({ password: password(caller) }) },
  'Mutation.confirmTwoFactor': {
    ...user,
    gets: 'BAD_USER_INPUT',
    variables: async (world, caller) => {
      const begin = 'mutation ($password: String!) { beginTwoFactor(password: $password) { uri } }';
      if (caller.account) await request(world.url, begin, caller.account, caller.credential);
      return { code: '000000' };
    },
  },
  // Nobody here has a second factor.
  'Mutation.disableTwoFactor': {
    ...user,
    gets: 'CONFLICT',
    variables: (_, caller) => ({ password: password(caller), code: '000000' }),
  },
  'Mutation.renewRecoveryCodes': {
    ...user,
    gets: 'CONFLICT',
    variables: (_, caller) => ({ password: password(caller), code: '000000' }),
  },
};
