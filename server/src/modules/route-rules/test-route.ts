import type { Environment } from '../keys/token.js';
import { faultOfMethod } from './request-method.js';
import { readRequestPath } from './request-path.js';
import type { RouteAccess, RouteRule } from './route-rule.js';
import type { RouteTable } from './route-table.js';

/** What rules say about a request. */
export interface RouteTest {
  /** Why its method or target is refused before any rule is asked. */
  readonly refused: string | null;
  readonly access: RouteAccess;
  readonly permission: string | null;
  readonly scopeId: string | null;
  /** null: none matches. */
  readonly rule: RouteRule | null;
}

/** A request as somebody makes it up. */
export interface TriedRequest {
  readonly environment: Environment;
  readonly method: string;
  /** The target as it is sent. */
  readonly path: string;
}

const NOTHING = { refused: null, permission: null, scopeId: null, rule: null } as const;

/** What the rules say about a request, read as that of a gateway is. */
export function testRoute(table: RouteTable, request: TriedRequest): RouteTest {
  const path = readRequestPath(request.path);
  const refused = faultOfMethod(request.method) ?? ('refused' in path ? path.refused : null);
  if (refused !== null || 'refused' in path) return { ...NOTHING, access: 'NOBODY', refused };
  const rule = table.find(request.environment, request.method, path)?.rule ?? null;
  return { ...NOTHING, rule, ...table.match(request.environment, request.method, path) };
}
