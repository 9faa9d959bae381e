import { request, type Credential } from '../peers/graphql.js';

/** A route rule as read by tests. */
export interface ReadRule {
  readonly id: string;
  readonly position: number;
  readonly environments: readonly string[];
  readonly method: string;
  readonly pathPattern: string;
  readonly access: string;
  readonly permission: string | null;
  readonly scopeParameter: string | null;
  readonly description: string;
  readonly shadowedBy: { readonly id: string } | null;
}

const RULE =
  'id position environments method pathPattern access permission scopeParameter description shadowedBy { id }';

/** Adds a rule that requires view_customer in production; `overrides` are fields of its input. */
export async function createRule(
  url: string,
  credential: Credential,
  overrides: Record<string, unknown> = {},
): Promise<ReadRule> {
  const input = {
    environments: ['PRODUCTION'],
    method: 'GET',
    pathPattern: '/customers/{customerId}',
    access: 'PERMISSION',
    permission: 'view_customer',
    ...overrides,
  };
  const { createRouteRule } = await request<{ createRouteRule: ReadRule }>(
    url,
    `mutation ($input: CreateRouteRuleInput!) { createRouteRule(input: $input) { ${RULE} } }`,
    { input },
    credential,
  );
  return createRouteRule;
}

/** All rules, in order. */
export async function listRules(url: string, credential: Credential): Promise<readonly ReadRule[]> {
  const { routeRules } = await request<{ routeRules: ReadRule[] }>(
    url,
    `{ routeRules { ${RULE} } }`,
    {},
    credential,
  );
  return routeRules;
}

/** The rules' decision on a request. */
export interface RouteTest {
  readonly refused: string | null;
  readonly access: string;
  readonly permission: string | null;
  readonly scopeId: string | null;
  readonly rule: { readonly id: string; readonly position: number } | null;
}

/** Tries a request in production. */
export async function tryRoute(
  url: string,
  credential: Credential,
  method: string,
  path: string,
): Promise<RouteTest> {
  const { testRoute } = await request<{ testRoute: RouteTest }>(
    url,
    `query ($method: String!, $path: String!) { testRoute(method: $method, path: $path, environment: PRODUCTION) {
       refused access permission scopeId rule { id position } } }`,
    { method, path },
    credential,
  );
  return testRoute;
}
