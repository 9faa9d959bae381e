import type { Environment } from '@keywright/schema/environment';
import { isCost, isQuestionText, MAX_PERMISSIONS } from '@keywright/schema/question-limits';

/**
 * Gateways with their own conventions: Envoy accepts only 200 as a success, ingress-nginx sends the original URL in
 * X-Original-URL.
 */
export type GatewayKind = 'envoy' | 'ingress-nginx';

/** The requirements of a request, as the gateway names them. */
export interface Need {
  /** Any one of them suffices; null leaves it to the route rules. */
  readonly permissions: readonly string[] | null;
  readonly scopeId: string | null;
  readonly cost: number;
}

/** What the gateway's own URL says. */
export interface AuthorizeTarget extends Need {
  readonly environment: Environment;
  /** Null for a gateway that sends the original method and path in headers or after its own path. */
  readonly gateway: GatewayKind | null;
  /** Whether its path names anything besides the environment. */
  readonly named: boolean;
  /** The path and query of the original request, if the gateway appends them to its own path. */
  readonly original: string | null;
  /** The query after the gateway's own path, written by the gateway or the client; empty without one. */
  readonly query: string;
}

/** A configuration error of a gateway, as a sentence. */
export interface GatewayFault {
  readonly fault: string;
}

/** The path of gateway requests: `/v1/authorize/{environment}` and anything below it. */
export const AUTHORIZE_PATH = '/v1/authorize';

const ENVIRONMENTS: Readonly<Record<string, Environment>> = {
  production: 'PRODUCTION',
  staging: 'STAGING',
  development: 'DEVELOPMENT',
};
const GATEWAY_KINDS: readonly string[] = ['envoy', 'ingress-nginx'] satisfies GatewayKind[];
/** Segments `name=value`, the environment, and a path after it. */
const PATH = /^\/v1\/authorize((?:\/[a-z]+=[^/]*)*)(?:\/([^/=]*)(\/.*)?)?$/;
const COST = /^[1-9]\d{0,6}$/;

const fault = (why: string): GatewayFault => ({ fault: why });

/** Whether gateways send their requests to a URL. */
export function isAuthorizeUrl(url: string): boolean {
  if (!url.startsWith(AUTHORIZE_PATH)) return false;
  const next = url[AUTHORIZE_PATH.length];
  return next === undefined || next === '/' || next === '?';
}

/**
 * Reads `/v1/authorize/permission=…/scope=…/cost=…/{environment}` (`permission` can be repeated: any one suffices),
 * optionally with `gateway=…`. The gateway controls what precedes the environment; after it follow the original path
 * and query, which the client wrote. Never throws.
 */
export function readAuthorizeTarget(url: string): AuthorizeTarget | GatewayFault {
  const mark = url.indexOf('?');
  const query = mark < 0 ? '' : url.slice(mark + 1);
  const [whole, named, name, behind] = PATH.exec(mark < 0 ? url : url.slice(0, mark)) ?? [];
  const environment = environmentOf(whole === AUTHORIZE_PATH ? 'production' : name);
  if (whole === undefined || environment === undefined) {
    return fault('The URL names no environment. Use /v1/authorize/production, staging or development.');
  }
  const pairs = readPairs(named!);
  const [gateway = null, ...others] =
    pairs?.filter(([each]) => each === 'gateway').map(([, kind]) => kind) ?? [];
  const need = pairs && readNeed(pairs.filter(([each]) => each !== 'gateway'));
  if (!need || others.length > 0) {
    return fault(
      'The path of the URL can only set permission, scope, cost and gateway, and none of them can be empty.',
    );
  }
  if ('fault' in need) return need;
  if (gateway !== null && !isGatewayKind(gateway)) {
    return fault('The gateway in the URL must be envoy or ingress-nginx.');
  }
  if (gateway !== null && (gateway === 'envoy') !== (behind !== undefined)) {
    return fault('Only Envoy appends the original path to the URL; ingress-nginx does not.');
  }
  const original = behind === undefined ? null : url.slice(whole.length - behind.length);
  const rest = { named: named !== '', original, query: original === null ? query : '' };
  return { environment, ...need, gateway, ...rest };
}

const environmentOf = (name: string | undefined): Environment | undefined =>
  name !== undefined && Object.hasOwn(ENVIRONMENTS, name) ? ENVIRONMENTS[name] : undefined;

const isGatewayKind = (text: string): text is GatewayKind => GATEWAY_KINDS.includes(text);

function readPairs(segments: string): [string, string][] | null {
  if (segments === '') return [];
  try {
    return segments
      .slice(1)
      .split('/')
      .map((segment) => {
        const [name, value] = segment.split(/=(.*)/s);
        return [name!, decodeURIComponent(value!)];
      });
  } catch {
    return null;
  }
}

/** The requirements in names and values of the path or the query; null if they are not of this form. */
export function readNeed(pairs: Iterable<readonly [string, string]>): Need | GatewayFault | null {
  let permissions: string[] | null = null;
  let scopeId: string | null = null;
  let cost: number | null = null;
  for (const [member, value] of pairs) {
    if (member === 'permission' && isQuestionText(value)) (permissions ??= []).push(value);
    else if (member === 'scope' && isQuestionText(value) && scopeId === null) scopeId = value;
    else if (member === 'cost' && COST.test(value) && isCost(Number(value)) && cost === null)
      cost = Number(value);
    else return null;
  }
  if (scopeId !== null && permissions === null) {
    return fault(
      'The URL names a scope without a permission. Add the permission, or remove the scope so that the route rules decide.',
    );
  }
  if (permissions && permissions.length > MAX_PERMISSIONS) {
    return fault(`The URL names more than ${MAX_PERMISSIONS} permissions.`);
  }
  return { permissions, scopeId, cost: cost ?? 1 };
}
