import type { Environment } from '@keywright/schema/environment';
import { foldAscii, readPathPattern, type PathPattern } from './path-pattern.js';
import type { RequestPath } from './request-path.js';
import type { NoMatch, RouteRule } from './route-rule.js';
import { RouteTrie } from './route-trie.js';

/** The requirements of a request. If `ruleId` is null, no rule matched, and everyone is rejected. */
export type RouteMatch =
  | { readonly access: 'PERMISSION'; readonly permission: string; readonly scopeId: string | null }
  | { readonly access: 'ANY_KEY'; readonly scopeId: string | null }
  | { readonly access: 'ANYBODY' }
  | { readonly access: 'NOBODY'; readonly ruleId: string | null };

/** A matching rule, and the segment that its scope parameter matched. */
export interface FoundRule {
  readonly rule: RouteRule;
  readonly scopeId: string | null;
}

const NO_RULE: RouteMatch = { access: 'NOBODY', ruleId: null };
const ANYBODY: RouteMatch = { access: 'ANYBODY' };
const EVERY_PATH: PathPattern = { segments: [], rest: true };

/** Accepts only what both accept: nobody if they require different permissions or scopes. */
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

/** The methods of rules that match a method; servers answer HEAD like GET. */
function methodsFor(method: string): readonly string[] {
  if (method === 'HEAD') return ['HEAD', 'GET', 'ANY'];
  return method === 'ANY' ? ['ANY'] : [method, 'ANY'];
}

/**
 * The rules of all environments, prepared for many requests: the cost of a search depends on the patterns that match,
 * not on all of them.
 */
export class RouteTable {
  private readonly trie = new RouteTrie();

  constructor(
    rules: readonly RouteRule[],
    private readonly noMatch: NoMatch,
    /** Further tables that must accept a request too. */
    private readonly bounds: readonly RouteTable[] = [],
  ) {
    rules.forEach((rule, index) => this.add(rule, index));
  }

  /** The requirements of a request; the first matching rule decides. */
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

  /** The first matching rule; null if there is none. */
  find(environment: Environment, method: string, { segments }: RequestPath): FoundRule | null {
    // Some servers accept get for GET; that must not bypass a rule.
    const methods = methodsFor(method.toUpperCase());
    const found = this.trie.first(environment, { segments: segments.map(foldAscii), rest: false, methods });
    return found ? { rule: found.rule, scopeId: segments[found.scopeAt] ?? null } : null;
  }

  /**
   * The earlier rule that matches every request of this one in an environment, so that this one never decides there;
   * null if there is none.
   */
  shadowOf(environment: Environment, { id, method, pathPattern }: RouteRule): RouteRule | null {
    const read = readPathPattern(pathPattern);
    const { segments, rest } = 'refused' in read ? EVERY_PATH : read;
    const wanted = segments.map((each) => ('literal' in each ? foldAscii(each.literal) : null));
    const found = this.trie.first(environment, { segments: wanted, rest, methods: methodsFor(method) });
    return found && found.rule.id !== id ? found.rule : null;
  }

  /** Adds a rule; `index` is its position in the list, counted from 0, and higher than all before it. */
  add(rule: RouteRule, index: number): void {
    const read = readPathPattern(rule.pathPattern);
    const pattern = 'refused' in read ? EVERY_PATH : read;
    const scopeAt = pattern.segments.findIndex(
      (each) => 'parameter' in each && each.parameter === rule.scopeParameter,
    );
    // A rule that cannot be read, or whose scope cannot be determined, rejects everyone wherever it might
    // have matched.
    const broken = 'refused' in read || (rule.scopeParameter !== null && scopeAt < 0);
    this.trie.add({ index, rule: broken ? { ...rule, access: 'NOBODY' } : rule, scopeAt }, pattern);
  }
}
