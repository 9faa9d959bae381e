import { readPathPattern, type PathPattern } from '../path-pattern.js';
import { MAX_ROUTE_RULES, nameOfRule, type RouteMethod } from '../route-rule.js';
import { basePathOf, basePathsOf } from './base-paths.js';
import { pathItemsOf, type PathItem } from './path-items.js';
import { isObject, parseDocument, type JsonObject, type RefusedDocument } from './parse-document.js';
import { proposePermission } from './propose-permission.js';
import { securityOf } from './security.js';
import { specificFirst } from './specific-first.js';

/** The members of an operation that a rule depends on. */
export interface ReadOperation {
  /** Method and path; unique among operations. */
  readonly operation: string;
  readonly method: RouteMethod;
  /** As written in the document if it cannot be read. */
  readonly pathPattern: string;
  readonly summary: string;
  /** Whether the document says that it needs no credentials. */
  readonly isPublic: boolean;
  /** The value of `x-keywright-permission`. */
  readonly permission: string | null;
  /** The scopes of its security requirements. */
  readonly scopes: readonly string[];
  /** A permission name to use if none is given. */
  readonly proposal: string;
  /** The value of `x-keywright-scope-parameter`. */
  readonly scopeParameter: string | null;
  /** Why it cannot become a rule. */
  readonly problem: string | null;
  readonly notes: readonly string[];
}

/** A parsed document. */
export interface ReadDocument {
  readonly title: string;
  /** Most specific first. */
  readonly operations: readonly ReadOperation[];
}

/** HEAD comes first: a rule for GET also applies to HEAD, unless an earlier rule is for HEAD itself. */
const METHODS = ['head', 'get', 'put', 'post', 'delete', 'options', 'patch', 'trace'] as const;
const READING: readonly string[] = ['head', 'get', 'options', 'trace'];
const MAX_LINE = 200;

const line = (value: unknown): string =>
  typeof value === 'string'
    ? value
        .toWellFormed()
        .replaceAll(/[\p{C}\s]+/gu, ' ')
        .trim()
        .slice(0, MAX_LINE)
    : '';

/** Paths of documents are percent-encoded where necessary; patterns are not. Null if the meaning is ambiguous. */
function decoded(path: string): string | null {
  try {
    const segments = path.split('/').map(decodeURIComponent);
    return segments.some((segment) => segment.includes('/')) ? null : segments.join('/');
  } catch {
    return null;
  }
}

interface Candidate extends ReadOperation {
  readonly pattern: PathPattern;
}

const NO_PATTERN: PathPattern = { segments: [], rest: false };

function readOperation(
  method: (typeof METHODS)[number],
  operation: JsonObject,
  item: PathItem,
  basePath: string | null,
  document: JsonObject,
): Candidate {
  const raw = `${basePath ?? ''}${item.path}`;
  const path = decoded(raw);
  const read =
    path === null ? { refused: 'The percent-encoding of the path is not valid.' } : readPathPattern(path);
  const pattern = 'refused' in read ? NO_PATTERN : read;
  const literals = pattern.segments.flatMap((each) => ('literal' in each ? [each.literal] : []));
  const parameters = pattern.segments.flatMap((each) => ('parameter' in each ? [each.parameter] : []));
  const extension = (name: string): unknown => operation[name] ?? item.members[name];
  const scopeParameter = line(extension('x-keywright-scope-parameter')) || null;
  const tags: unknown = operation['tags'];
  const upper = method.toUpperCase() as RouteMethod;
  const pathPattern = (path ?? raw).replace(/(?<=.)\/$/, '').slice(0, 500) || '/';
  const problem =
    (basePath === null ? 'The URL of its server has a variable without a default.' : null) ??
    item.problem ??
    ('refused' in read ? read.refused : null) ??
    (scopeParameter !== null && !parameters.includes(scopeParameter)
      ? `x-keywright-scope-parameter names ${scopeParameter}, which is not a parameter of the path.`
      : null);
  return {
    operation: nameOfRule({ method: upper, pathPattern }),
    method: upper,
    pathPattern,
    pattern,
    summary: line(operation['summary']) || line(operation['operationId']),
    permission: line(extension('x-keywright-permission')) || null,
    ...securityOf(operation, document),
    proposal: proposePermission({
      reads: READING.includes(method),
      tag: line(Array.isArray(tags) ? tags[0] : ''),
      operationId: line(operation['operationId']),
      noun: literals.at(-1) ?? '',
    }),
    scopeParameter,
    problem,
  };
}

/** Base paths from the servers nearest to an operation; a Swagger 2.0 document has one. */
function basePathsFor(operation: JsonObject, item: PathItem, document: JsonObject): (string | null)[] {
  if (document['swagger'] !== undefined) {
    const { basePath } = document;
    return [typeof basePath === 'string' ? basePathOf(basePath) : ''];
  }
  return basePathsOf(operation['servers'] ?? item.members['servers'] ?? document['servers']);
}

function versionFault(document: JsonObject): string | null {
  const { openapi, swagger } = document;
  if (typeof openapi === 'string' && /^3\.\d/.test(openapi)) return null;
  if (Number(swagger) === 2) return null;
  return 'This is not an OpenAPI 3 or Swagger 2.0 document: it has no "openapi" or "swagger" field with that version.';
}

function readOperations(document: JsonObject, basePath: string | null): ReadDocument | RefusedDocument {
  const refused = versionFault(document);
  if (refused !== null) return { refused };
  const items = pathItemsOf(document);
  if ('refused' in items) return items;
  const found: Candidate[] = [];
  const seen = new Set<string>();
  for (const item of items) {
    for (const method of METHODS) {
      const operation = item.members[method];
      if (!isObject(operation)) continue;
      const paths = basePath === null ? basePathsFor(operation, item, document) : [basePathOf(basePath)];
      for (const base of paths) {
        const candidate = readOperation(method, operation, item, base, document);
        if (seen.has(candidate.operation)) continue;
        seen.add(candidate.operation);
        if (found.push(candidate) > MAX_ROUTE_RULES) {
          return {
            refused: `The document describes more operations than the ${MAX_ROUTE_RULES} rules that are allowed.`,
          };
        }
      }
    }
  }
  if (found.length === 0) return { refused: 'The document describes no operations.' };
  const { info } = document;
  return {
    title: isObject(info) ? line(info['title']) : '',
    operations: specificFirst(found).map(({ pattern: _, ...operation }) => operation),
  };
}

/** Reads the operations of an OpenAPI document. `basePath` replaces that of its servers, if a gateway removes it. */
export function readDocument(text: string, basePath: string | null): ReadDocument | RefusedDocument {
  const parsed = parseDocument(text);
  return 'refused' in parsed ? parsed : readOperations(parsed.document, basePath);
}
