import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const RECIPES = join(import.meta.dirname, '../../../web/src/pages/docs/gateways');
const CLIENT = '203.0.113.9';
/** Envoy's own address, from its bootstrap configuration. */
const ENVOY = '127.0.0.1';

/** A client's request to a gateway. */
export interface ClientRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  /** Lowercase names, including `host`. */
  readonly headers: Readonly<Record<string, string>>;
}

/** A gateway's question to Keywright about a request. */
export interface Question {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Asks as a gateway configured by its recipe does. */
export type QuestionForm = (request: ClientRequest) => Question;

const HOP_BY_HOP = ['connection', 'keep-alive', 'te', 'trailers', 'transfer-encoding', 'upgrade'];

/**
 * As Traefik's ForwardAuth asks: a GET of the configured address, with the client's headers except hop-by-hop ones, and its own
 * X-Forwarded-… headers. Headers that the middleware before it empties are absent.
 */
export async function traefikForm(): Promise<QuestionForm> {
  const text = await readFile(join(RECIPES, 'traefik.yml'), 'utf8');
  const path = /address: http:\/\/[^/]+(\S+)/.exec(text)![1]!;
  const ownHeaders = /own-headers:(.*?)\n {4}\w/s.exec(text)![1]!;
  const emptied = [...ownHeaders.matchAll(/^ +([A-Za-z-]+): ''$/gm)].map(([, name]) => name!.toLowerCase());
  return ({ method, target, headers }) => {
    const dropped = [...HOP_BY_HOP, ...emptied, 'host', 'content-length'];
    const passed = Object.entries(headers).filter(([name]) => !dropped.includes(name));
    return {
      method: 'GET',
      path,
      headers: {
        ...Object.fromEntries(passed),
        'accept-encoding': 'gzip',
        'x-forwarded-for': CLIENT,
        'x-forwarded-method': method,
        'x-forwarded-proto': 'http',
        'x-forwarded-host': headers['host']!,
        'x-forwarded-uri': target,
      },
    };
  };
}

const matcherOf = (pattern: string): ((name: string) => boolean) => {
  const [, kind, text] = /(exact|prefix): ([a-z-]+)/.exec(pattern)!;
  return (name) => (kind === 'exact' ? name === text : name.startsWith(text!));
};

/**
 * As Envoy's ext_authz asks over HTTP: the client's method, the path after the prefix, the host, Authorization and the headers
 * that are allowed and not disallowed, without a body, with Envoy's own address after the client's.
 */
export async function envoyForm(): Promise<QuestionForm> {
  const text = await readFile(join(RECIPES, 'envoy.yaml'), 'utf8');
  const prefix = /path_prefix: (\S+)/.exec(text)![1]!;
  const patterns = (list: string): string[] => list.match(/(?:exact|prefix): [a-z-]+/g)!;
  const allowed = patterns(/\n {6}allowed_headers:(.*?)\n {6}\w/s.exec(text)![1]!).map(matcherOf);
  const disallowed = patterns(/\n {6}disallowed_headers:(.*?)\n {2}-/s.exec(text)![1]!).map(matcherOf);
  return ({ method, target, headers }) => {
    const passed = Object.entries(headers).filter(
      ([name]) =>
        ['host', 'authorization'].includes(name) ||
        (allowed.some((matches) => matches(name)) && !disallowed.some((matches) => matches(name))),
    );
    const before = headers['x-forwarded-for'] === undefined ? '' : `${headers['x-forwarded-for']}, `;
    return {
      method,
      path: `${prefix}${target}`,
      headers: {
        ...Object.fromEntries(passed),
        'content-length': '0',
        'x-forwarded-for': `${before}${CLIENT}, ${ENVOY}`,
        'x-forwarded-proto': 'http',
        'x-envoy-internal': 'true',
        'x-request-id': '6a1c4a4c-33a5-4ac8-9d7d-2f8e4f1d5a10',
      },
    };
  };
}
