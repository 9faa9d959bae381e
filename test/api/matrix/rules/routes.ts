import { makeKey } from '../making.js';
import type { RouteRule, Rules } from '../rule.js';

const anyone = { needs: null, at: 'anywhere' } as const;
const verify = { needs: 'keywright.verify', at: 'anywhere', onlyFor: 'keys' } as const;

/** What the sample API asks for; of several permissions any will do, without one any valid key. */
const SANDBOX: Readonly<Record<string, readonly string[]>> = {
  'GET ping': [],
  'GET customers': ['view_customer', 'customer.read'],
  'GET accounts': ['account.read'],
  'GET devices': ['device.read'],
  'GET inventory': ['view_inventory'],
  'GET tickets': ['ticket.read'],
  'POST tickets': ['ticket.create'],
  'GET licenses': ['license.manage'],
  'POST telemetry': ['telemetry.write'],
};

const sandboxRules = ['production', 'staging', 'development'].flatMap((environment) =>
  Object.entries(SANDBOX).map(([endpoint, permissions]): [string, RouteRule] => {
    const [method, path] = endpoint.split(' ');
    const rule: RouteRule = {
      needs: permissions.length === 0 ? 'signed-in' : permissions,
      at: 'anywhere',
      onlyFor: 'keys',
      environment: environment.toUpperCase(),
      ...(method === 'POST' ? { body: () => ({ subject: 'It is slow' }) } : {}),
    };
    return [`${method} /sandbox/${environment}/${path}`, rule];
  }),
);

const AUTHORIZE_METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** Gateways ask there, and none of this world is one: no proxy is trusted. */
const authorizeRules = AUTHORIZE_METHODS.flatMap((method) =>
  ['/v1/authorize', '/v1/authorize/*'].map((path): [string, RouteRule] => [
    `${method} ${path}`,
    { ...anyone, gets: 'FORBIDDEN' },
  ]),
);

/** Rules of the routes. What GraphQL asks for, it asks operation by operation. */
export const routeRules: Rules<RouteRule> = {
  'GET /*': anyone,
  'GET /livez': anyone,
  'GET /readyz': anyone,
  // On this machine; from elsewhere it needs a permission.
  'GET /metrics': anyone,
  // They turn back to the sign-in page, since the provider of this world does not answer.
  'GET /auth/oidc/start': anyone,
  'GET /auth/oidc/callback': anyone,
  'POST /graphql': { ...anyone, body: () => ({ query: '{ installation { setupRequired } }' }) },
  // Only subscriptions run there; who calls is asked before what for.
  'POST /graphql/stream': {
    needs: 'signed-in',
    at: 'anywhere',
    gets: 'BAD_USER_INPUT',
    body: () => ({ query: '{ installation { setupRequired } }' }),
  },
  'WEBSOCKET /graphql': { needs: 'signed-in', at: 'anywhere' },
  'WEBSOCKET /v1/local': verify,
  'POST /v1/verify': { ...verify, body: async (world) => ({ key: (await makeKey(world)).secret }) },
  'POST /v1/verify/batch': {
    ...verify,
    body: async (world) => ({ requests: [{ key: (await makeKey(world)).secret }] }),
  },
  ...Object.fromEntries(authorizeRules),
  ...Object.fromEntries(sandboxRules),
};
