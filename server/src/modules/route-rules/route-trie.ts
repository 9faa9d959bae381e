import type { Environment } from '@keywright/schema/environment';
import { foldAscii, type PathPattern } from './path-pattern.js';
import type { RouteRule } from './route-rule.js';

/** A rule at its position in the list. */
export interface TrieEntry {
  /** Counted from 0. */
  readonly index: number;
  readonly rule: RouteRule;
  /** Which segment contains the scope; -1 if none is required. */
  readonly scopeAt: number;
}

/** A search: folded literals, or null for any one segment. */
export interface TrieQuery {
  readonly segments: readonly (string | null)[];
  /** Whether it includes any rest. */
  readonly rest: boolean;
  /** Methods of matching rules. */
  readonly methods: readonly string[];
}

/** A node where patterns with a common prefix diverge. Only the first rule of a method can ever be found at a node. */
class TrieNode {
  readonly literals = new Map<string, TrieNode>();
  parameter: TrieNode | undefined;
  /** Rules whose pattern ends here, by method. */
  readonly ends = new Map<string, TrieEntry>();
  /** Rules whose pattern accepts any rest from here on, by method. */
  readonly rests = new Map<string, TrieEntry>();
  /** The lowest index here and below. */
  lowest = Infinity;
}

/** Rules by environment and path. */
export class RouteTrie {
  private readonly roots = new Map<Environment, TrieNode>();

  /** Adds a rule after those added before. */
  add(entry: TrieEntry, { segments, rest }: PathPattern): void {
    for (const environment of new Set(entry.rule.environments)) {
      let node = this.roots.get(environment);
      if (!node) this.roots.set(environment, (node = new TrieNode()));
      node.lowest = Math.min(node.lowest, entry.index);
      for (const segment of segments) {
        let next: TrieNode | undefined;
        if ('literal' in segment) {
          const literal = foldAscii(segment.literal);
          next = node.literals.get(literal);
          if (!next) node.literals.set(literal, (next = new TrieNode()));
        } else {
          next = node.parameter ??= new TrieNode();
        }
        next.lowest = Math.min(next.lowest, entry.index);
        node = next;
      }
      const place = rest ? node.rests : node.ends;
      if (!place.has(entry.rule.method)) place.set(entry.rule.method, entry);
    }
  }

  /**
   * The first rule that matches everything searched for. Visits each node at most once, and none that can only
   * contain later rules.
   */
  first(environment: Environment, { segments, rest, methods }: TrieQuery): TrieEntry | undefined {
    let best: TrieEntry | undefined;
    const consider = (place: ReadonlyMap<string, TrieEntry>): void => {
      for (const method of methods) {
        const entry = place.get(method);
        if (entry && entry.index < (best?.index ?? Infinity)) best = entry;
      }
    };
    const root = this.roots.get(environment);
    const waiting = root ? [{ node: root, depth: 0 }] : [];
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      const { node, depth } = next;
      if (node.lowest >= (best?.index ?? Infinity)) continue;
      consider(node.rests);
      if (depth === segments.length) {
        if (!rest) consider(node.ends);
        continue;
      }
      const segment = segments[depth]!;
      const literal = segment === null ? undefined : node.literals.get(segment);
      const [later, sooner] =
        (literal?.lowest ?? Infinity) < (node.parameter?.lowest ?? Infinity)
          ? [node.parameter, literal]
          : [literal, node.parameter];
      if (later) waiting.push({ node: later, depth: depth + 1 });
      if (sooner) waiting.push({ node: sooner, depth: depth + 1 });
    }
    return best;
  }
}
