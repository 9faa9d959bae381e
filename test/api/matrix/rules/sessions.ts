import { OWNER } from '../../../support/servers/start-keywright.js';
import type { OperationRule, Rules } from '../rule.js';

const none = (): Record<string, never> => ({});
const anyone = { needs: null, at: 'anywhere' } as const;

/** Rules of set-up, sign-in and sign-out, and of queries for any authenticated caller. */
export const sessionRules: Rules<OperationRule> = {
  'Query.installation': { ...anyone, variables: none },
  'Query.permissions': { needs: 'signed-in', at: 'anywhere', variables: none },
  'Query.roles': { needs: 'signed-in', at: 'anywhere', variables: none },
  'Query.viewer': { needs: 'signed-in', at: 'anywhere', variables: none },
  'Mutation.savePreferences': {
    needs: 'signed-in',
    at: 'anywhere',
    onlyFor: 'users',
    variables: () => ({ preferences: { density: 'compact' } }),
  },
  // A user can already sign in, so no set-up link is valid any more.
  'Mutation.setUpOwner': {
    ...anyone,
    gets: 'FORBIDDEN',
    variables: () => ({ ...OWNER, name: 'Another', token: 'a'.repeat(43) }),
  },
  'Mutation.signIn': { ...anyone, endsSession: true, variables: (_, { account }) => account ?? OWNER },
  'Mutation.signOut': { ...anyone, endsSession: true, variables: none },
};
