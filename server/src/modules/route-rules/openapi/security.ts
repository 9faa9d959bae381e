import { isObject, type JsonObject } from './parse-document.js';

/** The security requirements of an operation. */
export interface Security {
  readonly isPublic: boolean;
  /** Distinct scopes of all its requirements. */
  readonly scopes: readonly string[];
  readonly notes: readonly string[];
}

/**
 * Reads the requirements of an operation, or else those of the document: alternatives, each with schemes and their
 * scopes.
 */
export function securityOf(operation: JsonObject, document: JsonObject): Security {
  const requirements = operation['security'] ?? document['security'];
  if (!Array.isArray(requirements)) return { isPublic: false, scopes: [], notes: [] };
  const alternatives = requirements.filter(isObject);
  const scopes = alternatives
    .flatMap((schemes) => Object.values(schemes))
    .flatMap((names) => (Array.isArray(names) ? names : []))
    .filter((name) => typeof name === 'string');
  const optional = alternatives.some((schemes) => Object.keys(schemes).length === 0);
  const isPublic = requirements.length === 0 || (optional && alternatives.length === 1);
  const notes =
    optional && !isPublic
      ? ['The document also allows calls without credentials, but the rule will require a key.']
      : [];
  return { isPublic, scopes: [...new Set(scopes)], notes };
}
