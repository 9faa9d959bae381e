import type { Environment } from '@keywright/schema/environment';
import { faultOfMethod } from './request-method.js';
import { readRequestPath } from './request-path.js';
import type { RouteAccess, RouteRule } from './route-rule.js';
import type { RouteTable } from './route-table.js';

/** The result of the rules for a request. */
export interface RouteTest {
  /** Why its method or target is rejected before any rule is checked. */
  readonly refused: string | null;
  readonly access: RouteAccess;
  readonly permission: string | null;
  readonly scopeId: string | null;
  /** Null if no rule matches. */
  readonly rule: RouteRule | null;
}

/** A made-up request. */
export interface TriedRequest {
  readonly environment: Environment;
  readonly method: string;
  /** The target as sent. */
  readonly path: string;
}

const NOTHING = { refused: null, permission: null, scopeId: null, rule: null } as const;

/** Applies the rules to a request, parsed like one from a gateway. */
export function testRoute(table: RouteTable, request: TriedRequest): RouteTest {
  const path = readRequestPath(request.path);
  const refused = faultOfMethod(request.method) ?? ('refused' in path ? path.refused : null);
  if (refused !== null || 'refused' in path) return { ...NOTHING, access: 'NOBODY', refused };
  const rule = table.find(request.environment, request.method, path)?.rule ?? null;
  return { ...NOTHING, rule, ...table.match(request.environment, request.method, path) };
}
