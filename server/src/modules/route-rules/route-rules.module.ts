import type { Module, ModuleDeps } from '../access/decide/module.js';
import { authorizeAt, type RequestContext } from '../access/decide/principal.js';
import { DocumentReader } from './openapi/document-reader.js';
import { OpenApiImportService } from './openapi/openapi-import-service.js';
import { OpenApiImportResolver } from './openapi/openapi-import.resolver.js';
import { RouteRuleService } from './route-rule-service.js';
import type { RouteRuleSet } from './route-rule-set.js';
import { RouteRuleStore } from './route-rule-store.postgres.js';
import { RouteRuleResolver } from './route-rule.resolver.js';

export interface RouteRulesDeps extends ModuleDeps {
  /** The rules that this process decides by. */
  readonly routes: RouteRuleSet;
  /** The program of the thread that reads OpenAPI documents. */
  readonly documentProgram: URL;
}

/** The permissions that requests need, and the OpenAPI documents to import them from. */
export function createRouteRules(deps: RouteRulesDeps) {
  const { dataSource, clock, access, directory, changes, routes, documentProgram } = deps;
  const store = new RouteRuleStore(dataSource);
  const shared = { store, access, directory, changes, clock };
  const reader = new DocumentReader(documentProgram);
  return {
    store,
    resolvers: [
      new OpenApiImportResolver(new OpenApiImportService({ reader, ...shared })),
      new RouteRuleResolver(store, new RouteRuleService(shared), routes),
    ],
    nodes: {
      rul: async (context: RequestContext, id: string) => {
        authorizeAt(context, 'keywright.access.manage');
        return (await store.list()).find((rule) => rule.id === id) ?? null;
      },
    },
  } satisfies Module & { store: RouteRuleStore };
}
