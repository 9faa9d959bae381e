import { isObject, type JsonObject, type RefusedDocument } from './parse-document.js';

/** A path of a document with its members. */
export interface PathItem {
  readonly path: string;
  readonly members: JsonObject;
  /** Why it cannot be used. */
  readonly problem: string | null;
}

const MAX_HOPS = 5;

/** The value that a JSON pointer into the document refers to (RFC 6901); undefined if there is none. */
function follow(document: JsonObject, pointer: string): unknown {
  let at: unknown = document;
  for (const part of pointer.split('/').slice(1)) {
    let name: string;
    try {
      name = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');
    } catch {
      return undefined;
    }
    if (!isObject(at) || !Object.hasOwn(at, name)) return undefined;
    at = at[name];
  }
  return at;
}

/** The path item that a reference resolves to, within the document. */
function resolve(item: JsonObject, document: JsonObject): JsonObject | null {
  let at: unknown = item;
  for (let hops = 0; hops <= MAX_HOPS; hops++) {
    if (!isObject(at)) return null;
    const reference = at['$ref'];
    if (reference === undefined) return at;
    if (typeof reference !== 'string' || !reference.startsWith('#/')) return null;
    at = follow(document, reference.slice(1));
  }
  return null;
}

const UNRESOLVED: JsonObject = { get: {} };

/** All paths of a document, in order. */
export function pathItemsOf(document: JsonObject): PathItem[] | RefusedDocument {
  const { paths } = document;
  if (!isObject(paths)) return { refused: 'The document has no "paths".' };
  return Object.entries(paths).flatMap(([path, item]): PathItem[] => {
    if (!path.startsWith('/') || !isObject(item)) return [];
    const target = resolve(item, document);
    if (target === null) {
      // Its methods are unknown here; it is shown once.
      const problem = 'It is defined elsewhere: references to other documents are not followed.';
      return [{ path, members: UNRESOLVED, problem }];
    }
    // Members next to a reference extend it (OpenAPI 3.1).
    return [{ path, members: target === item ? item : { ...target, ...item }, problem: null }];
  });
}
