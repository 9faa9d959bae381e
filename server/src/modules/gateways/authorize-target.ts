import type { Environment } from '../keys/token.js';
import { isStorableText } from '../../core/text.js';

/** What the gateway's own URL asks for. */
export interface AuthorizeTarget {
  readonly environment: Environment;
  /** Any of them will do; null leaves it to the route rules. */
  readonly permissions: readonly string[] | null;
  readonly scopeId: string | null;
  readonly cost: number;
  /** The path and query of the original request, where the gateway puts them behind its own URL. */
  readonly original: string | null;
}

/** Where gateways ask; `/v1/authorize/{environment}` and anything below it. */
export const AUTHORIZE_PATH = '/v1/authorize';

/** The methods that are understood, of gateways and of the requests they ask about. */
export const METHODS: readonly string[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

const ENVIRONMENTS: Readonly<Record<string, Environment>> = {
  production: 'PRODUCTION',
  staging: 'STAGING',
  development: 'DEVELOPMENT',
};
const FORM = /^\/v1\/authorize(?:\/([^/?]*)(\/[^?]*)?)?(?:\?(.*))?$/;
const MAX_PERMISSIONS = 50;
const MAX_NAME = 100;
const MAX_COST = 1_000_000;
const COST = /^[1-9]\d{0,6}$/;

const fault = (why: string): { readonly fault: string } => ({ fault: why });

const isName = (text: string): boolean => text !== '' && text.length <= MAX_NAME && isStorableText(text);

/** Whether a URL is one that gateways ask at. */
export function isAuthorizeUrl(url: string): boolean {
  if (!url.startsWith(AUTHORIZE_PATH)) return false;
  const next = url[AUTHORIZE_PATH.length];
  return next === undefined || next === '/' || next === '?';
}

/**
 * Reads `/v1/authorize/{environment}?permission=…&scope=…&cost=…` (`permission` may be repeated: any of them will do), or
 * `/v1/authorize/{environment}/…` with the original path and query behind it, where nothing else can be said, since the
 * client wrote it. A fault is a mistake in the gateway's configuration, in a sentence. Never throws.
 */
export function readAuthorizeTarget(url: string): AuthorizeTarget | { readonly fault: string } {
  const [whole, name = 'production', original, query] = FORM.exec(url) ?? [];
  const environment = Object.hasOwn(ENVIRONMENTS, name) ? ENVIRONMENTS[name] : undefined;
  if (whole === undefined || environment === undefined) {
    return fault('The address names no environment: use /v1/authorize/production, staging or development.');
  }
  if (original !== undefined) {
    const target = query === undefined ? original : `${original}?${query}`;
    return { environment, permissions: null, scopeId: null, cost: 1, original: target };
  }
  let permissions: string[] | null = null;
  let scopeId: string | null = null;
  let cost: number | null = null;
  for (const [member, value] of new URLSearchParams(query ?? '')) {
    if (member === 'permission' && isName(value)) (permissions ??= []).push(value);
    else if (member === 'scope' && isName(value) && scopeId === null) scopeId = value;
    else if (member === 'cost' && COST.test(value) && Number(value) <= MAX_COST && cost === null)
      cost = Number(value);
    else
      return fault('The query of the address may hold permission, scope and cost, and none of them empty.');
  }
  if (scopeId !== null && permissions === null) {
    return fault(
      'The address names a scope without a permission; without both, the route rules say what is needed.',
    );
  }
  if (permissions && permissions.length > MAX_PERMISSIONS) {
    return fault(`The address names more than ${MAX_PERMISSIONS} permissions.`);
  }
  return { environment, permissions, scopeId, cost: cost ?? 1, original: null };
}
