import type { Environment } from '../keys/token.js';
import { foldAscii, readPathPattern, type PathPattern } from './path-pattern.js';
import type { RequestPath } from './request-path.js';
import type { NoMatch, RouteRule } from './route-rule.js';
import { RouteTrie } from './route-trie.js';

/** What a request needs. `ruleId` null: no rule matched, and then nobody passes. */
export type RouteMatch =
  | { readonly access: 'PERMISSION'; readonly permission: string; readonly scopeId: string | null }
  | { readonly access: 'ANY_KEY'; readonly scopeId: string | null }
  | { readonly access: 'ANYBODY' }
  | { readonly access: 'NOBODY'; readonly ruleId: string | null };

/** A rule that matches, and the segment that its scope parameter stands for. */
export interface FoundRule {
  readonly rule: RouteRule;
  readonly scopeId: string | null;
}

const NO_RULE: RouteMatch = { access: 'NOBODY', ruleId: null };
const ANYBODY: RouteMatch = { access: 'ANYBODY' };
const EVERY_PATH: PathPattern = { segments: [], rest: true };

/** What lets pass only what both let pass: nobody where they ask for different permissions or scopes. */
function narrower(a: RouteMatch, b: RouteMatch): RouteMatch {
  if (a.access === 'NOBODY' || b.access === 'ANYBODY') return a;
  if (b.access === 'NOBODY' || a.access === 'ANYBODY') return b;
  const permissions = [a, b].flatMap((each) => (each.access === 'PERMISSION' ? [each.permission] : []));
  if (a.scopeId !== b.scopeId && a.scopeId !== null && b.scopeId !== null) return NO_RULE;
  if (permissions.length === 2 && permissions[0] !== permissions[1]) return NO_RULE;
  const scopeId = a.scopeId ?? b.scopeId;
  const [permission] = permissions;
  return permission === undefined
    ? { access: 'ANY_KEY', scopeId }
    : { access: 'PERMISSION', permission, scopeId };
}

/** Which methods of rules take a method; servers answer HEAD as they answer GET. */
function methodsFor(method: string): readonly string[] {
  if (method === 'HEAD') return ['HEAD', 'GET', 'ANY'];
  return method === 'ANY' ? ['ANY'] : [method, 'ANY'];
}

/** The rules of all environments, ready for many requests: a search costs what the patterns that fit cost, not what all do. */
export class RouteTable {
  private readonly trie = new RouteTrie();

  constructor(
    rules: readonly RouteRule[],
    private readonly noMatch: NoMatch,
    /** What must let a request pass as well. */
    private readonly bounds: readonly RouteTable[] = [],
  ) {
    rules.forEach((rule, index) => this.add(rule, index));
  }

  /** What a request needs; the first rule that matches decides. */
  match(environment: Environment, method: string, path: RequestPath): RouteMatch {
    const own = this.ownMatch(environment, method, path);
    if (this.bounds.length === 0) return own;
    return this.bounds.reduce((match, bound) => narrower(match, bound.match(environment, method, path)), own);
  }

  private ownMatch(environment: Environment, method: string, path: RequestPath): RouteMatch {
    const found = this.find(environment, method, path);
    if (!found) return this.noMatch === 'ANY_KEY' ? { access: 'ANY_KEY', scopeId: null } : NO_RULE;
    const { rule, scopeId } = found;
    if (rule.access === 'ANYBODY') return ANYBODY;
    if (rule.access === 'ANY_KEY') return { access: 'ANY_KEY', scopeId };
    if (rule.access === 'PERMISSION' && rule.permission !== null) {
      return { access: 'PERMISSION', permission: rule.permission, scopeId };
    }
    return { access: 'NOBODY', ruleId: rule.id };
  }

  /** The first rule that matches; null without one. */
  find(environment: Environment, method: string, { segments }: RequestPath): FoundRule | null {
    // Some servers take get for GET; a rule must not be slipped past by that.
    const methods = methodsFor(method.toUpperCase());
    const found = this.trie.first(environment, { segments: segments.map(foldAscii), rest: false, methods });
    return found ? { rule: found.rule, scopeId: segments[found.scopeAt] ?? null } : null;
  }

  /** The earlier rule that takes every request of this one in an environment, so that it never decides there; null without one. */
  shadowOf(environment: Environment, { id, method, pathPattern }: RouteRule): RouteRule | null {
    const read = readPathPattern(pathPattern);
    const { segments, rest } = 'refused' in read ? EVERY_PATH : read;
    const wanted = segments.map((each) => ('literal' in each ? foldAscii(each.literal) : null));
    const found = this.trie.first(environment, { segments: wanted, rest, methods: methodsFor(method) });
    return found && found.rule.id !== id ? found.rule : null;
  }

  /** Adds a rule; `index` is its place in the list, counted from 0, and higher than that of all before it. */
  add(rule: RouteRule, index: number): void {
    const read = readPathPattern(rule.pathPattern);
    const pattern = 'refused' in read ? EVERY_PATH : read;
    const scopeAt = pattern.segments.findIndex(
      (each) => 'parameter' in each && each.parameter === rule.scopeParameter,
    );
    // What cannot be read, or names a scope that nobody could tell, lets nobody pass wherever it might have applied.
    const broken = 'refused' in read || (rule.scopeParameter !== null && scopeAt < 0);
    this.trie.add({ index, rule: broken ? { ...rule, access: 'NOBODY' } : rule, scopeAt }, pattern);
  }
}
