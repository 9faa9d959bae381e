import { isPlainLine } from '../../core/text.js';

/** One segment of a pattern: a literal, or a parameter that matches any one segment. */
export type PatternSegment = { readonly literal: string } | { readonly parameter: string };

/** A parsed path pattern. */
export interface PathPattern {
  readonly segments: readonly PatternSegment[];
  /** Whether it ends in `**`: any number of further segments, including none. */
  readonly rest: boolean;
}

/** Maximum pattern length in characters. */
export const MAX_PATTERN_LENGTH = 500;
const MAX_SEGMENTS = 32;
const REST = '**';
const PARAMETER = /^\{([A-Za-z_][A-Za-z0-9_.-]{0,63})\}$/;
const ESCAPE = /%[0-9a-f]{2}/i;

/** Text in the form in which literals are compared: upstreams can ignore case, which must not bypass a rule. */
export const foldAscii = (text: string): string =>
  text.replaceAll(/[A-Z]+/g, (capitals) => capitals.toLowerCase());

function faultOf(literal: string): string | null {
  if (literal === '') return 'A path cannot have two slashes in a row.';
  if (literal === '.' || literal === '..') return 'A path cannot have "." or ".." segments.';
  if (literal === REST) return '** is only allowed at the end of a path.';
  if (/[{}]/.test(literal)) {
    return 'A parameter must be a whole segment with a name of letters, digits, ".", "_" or "-", such as {customerId}.';
  }
  if (literal.includes('*')) return 'A star is only allowed at the end of a path: /** matches any rest.';
  if (/[\\;?#]/.test(literal)) return 'A path cannot contain \\ ; ? #.';
  if (ESCAPE.test(literal)) return 'Write the path decoded, without percent-encoding.';
  if (!isPlainLine(literal) || literal.trim() !== literal) {
    return 'A segment cannot contain invisible characters, or start or end with a space.';
  }
  return null;
}

/**
 * Reads `/customers/{customerId}/orders`, where a parameter is one whole segment and a final `**` matches any rest;
 * or explains why it is invalid.
 */
export function readPathPattern(text: string): PathPattern | { readonly refused: string } {
  if (text.length > MAX_PATTERN_LENGTH) {
    return { refused: `A path can have at most ${MAX_PATTERN_LENGTH} characters.` };
  }
  if (!text.startsWith('/')) return { refused: 'A path must start with a slash.' };
  const parts = text === '/' ? [] : text.slice(1).split('/');
  if (parts.length > 1 && parts.at(-1) === '') parts.pop();
  const rest = parts.at(-1) === REST;
  if (rest) parts.pop();
  if (parts.length > MAX_SEGMENTS) return { refused: `A path can have at most ${MAX_SEGMENTS} segments.` };
  const names = new Set<string>();
  const segments: PatternSegment[] = [];
  for (const part of parts) {
    const parameter = PARAMETER.exec(part)?.[1];
    if (parameter === undefined) {
      const refused = faultOf(part);
      if (refused !== null) return { refused };
      segments.push({ literal: part });
      continue;
    }
    if (names.has(parameter)) return { refused: `The parameter {${parameter}} appears twice in this path.` };
    names.add(parameter);
    segments.push({ parameter });
  }
  return { segments, rest };
}

/** Names of the parameters of a pattern, in order. */
export const parametersOf = ({ segments }: PathPattern): string[] =>
  segments.flatMap((segment) => ('parameter' in segment ? [segment.parameter] : []));

/** The pattern as stored: without a trailing slash. */
export const formatPathPattern = ({ segments, rest }: PathPattern): string => {
  const parts = segments.map((each) => ('literal' in each ? each.literal : `{${each.parameter}}`));
  return `/${[...parts, ...(rest ? [REST] : [])].join('/')}`;
};
