import { makeKey } from '../making.js';
import type { RouteRule, Rules } from '../rule.js';

const anyone = { needs: null, at: 'anywhere' } as const;
const verify = { needs: 'keywright.verify', at: 'anywhere', onlyFor: 'keys' } as const;

/** Permissions of the sample API: any one of them suffices; without one, any valid key. */
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

/** A route for gateways; there are none in this world, as no proxy is trusted. */
const authorizeRules = AUTHORIZE_METHODS.flatMap((method) =>
  ['/v1/authorize', '/v1/authorize/*'].map((path): [string, RouteRule] => [
    `${method} ${path}`,
    { ...anyone, gets: 'FORBIDDEN' },
  ]),
);

/** Rules of the routes. GraphQL checks permissions per operation. */
export const routeRules: Rules<RouteRule> = {
  'GET /*': anyone,
  'GET /livez': anyone,
  'GET /readyz': anyone,
  // Local requests only; remote ones need a permission.
  'GET /metrics': anyone,
  // They redirect to the sign-in page, as the provider of this world is unreachable.
  'GET /auth/oidc/start': anyone,
  'GET /auth/oidc/callback': anyone,
  'POST /graphql': { ...anyone, body: () => ({ query: '{ installation { setupRequired } }' }) },
  // Only subscriptions run there; authentication comes before the operation.
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
