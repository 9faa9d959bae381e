import { makeRouteRule } from '../making.js';
import type { OperationRule, Rules } from '../rule.js';

const none = (): Record<string, never> => ({});
const manage = { needs: 'keywright.access.manage', at: 'root' } as const;
const id: OperationRule['variables'] = async (world) => ({ id: await makeRouteRule(world) });
const document: OperationRule['variables'] = () => ({
  input: { document: '{ openapi: 3.1.0, paths: { /made: { get: {} } } }', environments: ['STAGING'] },
});

/** Rules of route rules. */
export const routeRuleRules: Rules<OperationRule> = {
  'Query.routeRules': { ...manage, variables: none },
  'Query.routeRuleRevision': { ...manage, variables: none },
  'Query.routeRuleDefault': { ...manage, variables: none },
  'Query.testRoute': {
    ...manage,
    variables: () => ({ method: 'GET', path: '/customers', environment: 'PRODUCTION' }),
  },
  'Query.previewOpenApiImport': { ...manage, variables: document },
  'Mutation.importOpenApi': { ...manage, variables: document },
  'Mutation.createRouteRule': {
    ...manage,
    variables: (world) => ({
      input: {
        environments: ['STAGING'],
        method: 'ANY',
        pathPattern: `/${world.name('created').replace(' ', '-')}`,
        access: 'NOBODY',
      },
    }),
  },
  'Mutation.updateRouteRule': {
    ...manage,
    variables: async (world) => ({ input: { id: await makeRouteRule(world), description: 'changed' } }),
  },
  'Mutation.deleteRouteRule': { ...manage, variables: id },
  'Mutation.moveRouteRule': {
    ...manage,
    variables: async (world) => ({ id: await makeRouteRule(world), position: 1 }),
  },
  'Mutation.setRouteRuleDefault': { ...manage, variables: () => ({ default: 'DENY' }) },
};
