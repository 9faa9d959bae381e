import type { Environment } from '../keys/token.js';
import { foldAscii, readPathPattern, type PathPattern } from './path-pattern.js';
import type { RequestPath } from './request-path.js';
import type { NoMatch, RouteRule } from './route-rule.js';

/** What a request needs. `ruleId` null: no rule matched, and then nobody passes. */
export type RouteMatch =
  | { readonly access: 'PERMISSION'; readonly permission: string; readonly scopeId: string | null }
  | { readonly access: 'ANY_KEY'; readonly scopeId: string | null }
  | { readonly access: 'NOBODY'; readonly ruleId: string | null };

/** A rule that matches, and the segment that its scope parameter stands for. */
export interface FoundRule {
  readonly rule: RouteRule;
  readonly scopeId: string | null;
}

interface Entry {
  readonly position: number;
  readonly rule: RouteRule;
  /** Which segment holds the scope; -1: none is asked about. */
  readonly scopeAt: number;
}

/** Where the patterns that begin alike part. Only the first rule of a method can ever be found at one place. */
class TrieNode {
  readonly literals = new Map<string, TrieNode>();
  parameter: TrieNode | undefined;
  /** Rules whose pattern ends here, by method. */
  readonly ends = new Map<string, Entry>();
  /** Rules whose pattern takes any rest from here on, by method. */
  readonly rests = new Map<string, Entry>();
  /** The lowest position here and below. */
  lowest = Infinity;
}

const NO_RULE: RouteMatch = { access: 'NOBODY', ruleId: null };
const EVERY_PATH: PathPattern = { segments: [], rest: true };

/** Which methods of rules a request is looked up by; servers answer HEAD as they answer GET. */
const methodsFor = (method: string): readonly string[] =>
  method === 'HEAD' ? ['HEAD', 'GET', 'ANY'] : [method, 'ANY'];

/** The rules of all environments, ready for many requests: a search costs what the patterns that fit cost, not what all do. */
export class RouteTable {
  private readonly roots = new Map<Environment, TrieNode>();

  constructor(
    rules: readonly RouteRule[],
    private readonly noMatch: NoMatch,
  ) {
    rules.forEach((rule, position) => this.add(rule, position));
  }

  /** What a request needs; the first rule that matches decides. */
  match(environment: Environment, method: string, path: RequestPath): RouteMatch {
    const found = this.find(environment, method, path);
    if (!found) return this.noMatch === 'ANY_KEY' ? { access: 'ANY_KEY', scopeId: null } : NO_RULE;
    const { rule, scopeId } = found;
    if (rule.access === 'ANY_KEY') return { access: 'ANY_KEY', scopeId };
    if (rule.access === 'PERMISSION' && rule.permission !== null) {
      return { access: 'PERMISSION', permission: rule.permission, scopeId };
    }
    return { access: 'NOBODY', ruleId: rule.id };
  }

  /** The first rule that matches; null without one. */
  find(environment: Environment, method: string, { segments }: RequestPath): FoundRule | null {
    const root = this.roots.get(environment);
    if (!root) return null;
    // Some servers take get for GET; a rule must not be slipped past by that.
    const methods = methodsFor(method.toUpperCase());
    const best = search(root, segments.map(foldAscii), methods);
    return best ? { rule: best.rule, scopeId: segments[best.scopeAt] ?? null } : null;
  }

  private add(rule: RouteRule, position: number): void {
    const read = readPathPattern(rule.pathPattern);
    const readable = !('refused' in read);
    const { segments, rest } = readable ? read : EVERY_PATH;
    // What cannot be read lets nobody pass, wherever it might have applied.
    const safe: RouteRule = readable ? rule : { ...rule, access: 'NOBODY' };
    const scopeAt = segments.findIndex(
      (each) => 'parameter' in each && each.parameter === rule.scopeParameter,
    );
    // Without the parameter that it names, nobody could tell which scope is meant.
    const lost = rule.scopeParameter !== null && scopeAt < 0;
    const entry: Entry = { position, rule: lost ? { ...safe, access: 'NOBODY' } : safe, scopeAt };
    for (const environment of new Set(rule.environments)) {
      let node = this.roots.get(environment);
      if (!node) this.roots.set(environment, (node = new TrieNode()));
      node.lowest = Math.min(node.lowest, position);
      for (const segment of segments) {
        let next: TrieNode | undefined;
        if ('literal' in segment) {
          const literal = foldAscii(segment.literal);
          next = node.literals.get(literal);
          if (!next) node.literals.set(literal, (next = new TrieNode()));
        } else {
          next = node.parameter ??= new TrieNode();
        }
        next.lowest = Math.min(next.lowest, position);
        node = next;
      }
      const place = rest ? node.rests : node.ends;
      if (!place.has(rule.method)) place.set(rule.method, entry);
    }
  }
}

/** The entry of the lowest position that fits. Each place is visited once at most, and none that could only hold later rules. */
function search(root: TrieNode, folded: readonly string[], methods: readonly string[]): Entry | undefined {
  let best: Entry | undefined;
  const consider = (place: ReadonlyMap<string, Entry>): void => {
    for (const method of methods) {
      const entry = place.get(method);
      if (entry && entry.position < (best?.position ?? Infinity)) best = entry;
    }
  };
  const waiting: { readonly node: TrieNode; readonly depth: number }[] = [{ node: root, depth: 0 }];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { node, depth } = next;
    if (node.lowest >= (best?.position ?? Infinity)) continue;
    consider(node.rests);
    if (depth === folded.length) {
      consider(node.ends);
      continue;
    }
    const literal = node.literals.get(folded[depth]!);
    const [later, sooner] =
      (literal?.lowest ?? Infinity) < (node.parameter?.lowest ?? Infinity)
        ? [node.parameter, literal]
        : [literal, node.parameter];
    if (later) waiting.push({ node: later, depth: depth + 1 });
    if (sooner) waiting.push({ node: sooner, depth: depth + 1 });
  }
  return best;
}
