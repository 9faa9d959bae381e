import type { Transaction } from '../../core/transaction.js';
import type { Clock } from '../../core/clock.js';
import { AppError, badInput, notFound, type FieldError } from '../../core/errors.js';
import { requireVersion, type ExpectedVersion } from '../../core/expected-version.js';
import type { Change } from '../../core/unit-of-work.js';
import { ID_PREFIXES, newId } from '../../core/id.js';
import type { AccessStore } from '../access/decide/access-store.postgres.js';
import { requireAt, type Principal } from '../access/decide/principal.js';
import type { Changes } from '../events/changes.js';
import { domainEvent, type DomainEvent } from '../events/domain-event.js';
import { ROOT_SCOPE } from '../scopes/tree/scope.js';
import { requireRevision, type ExpectedRevision } from './list-revision.js';
import { changesOf, ruleSubject, SETTINGS } from './route-rule-events.js';
import { checkRouteRule, type RouteRuleMembers } from './route-rule-check.js';
import type { RouteRuleStore } from './route-rule-store.postgres.js';
import {
  asksForKey,
  MAX_ROUTE_RULES,
  type NoMatch,
  type PlacedRouteRule,
  type RouteRule,
} from './route-rule.js';

/** The request to create a rule. */
export interface CreateRouteRuleRequest extends RouteRuleMembers {
  /** Counted from 1; if absent, at the end. */
  readonly position?: number | null | undefined;
}

/** The request to update a rule: absent members are unchanged. */
export type UpdateRouteRuleRequest = { readonly id: string } & {
  readonly [Member in keyof RouteRuleMembers]?: RouteRuleMembers[Member] | null | undefined;
};

export interface RouteRuleServiceDeps {
  readonly store: RouteRuleStore;
  readonly access: Pick<AccessStore, 'lockedPermissionNames'>;
  readonly changes: Changes;
  readonly clock: Clock;
}

/**
 * Changes route rules. They apply to the whole installation, so changing them needs keywright.access.manage at the
 * root.
 */
export class RouteRuleService {
  constructor(private readonly deps: RouteRuleServiceDeps) {}

  /** Errors: FORBIDDEN, BAD_USER_INPUT, CONFLICT if there are too many, or for a stale revision of the list. */
  create(
    by: Principal,
    request: CreateRouteRuleRequest,
    expected?: ExpectedRevision,
  ): Promise<PlacedRouteRule> {
    return this.change(by, async (tx, rules, known) => {
      requireRevision(
        rules,
        expected,
        'Route rules have changed since you read them. Read them again, then add yours.',
      );
      requireRoom(rules.length + 1);
      const faults: FieldError[] = [];
      const id = newId(ID_PREFIXES.routeRule, this.deps.clock.now());
      const rule = checkRouteRule(id, request, known, faults);
      const position = checkPosition(request.position ?? rules.length + 1, rules.length + 1, faults);
      if (faults.length > 0) throw badInput(faults);
      await this.deps.store.save(tx, rules, (rules as readonly RouteRule[]).toSpliced(position - 1, 0, rule));
      const changes = { ...changesOf(null, rule), position: { before: null, after: position } };
      const value = await this.deps.store.read(tx, id);
      return { value, events: [domainEvent('route_rule.created', ruleSubject(rule), changes)] };
    });
  }

  /** Errors: FORBIDDEN, NOT_FOUND, BAD_USER_INPUT, CONFLICT for a stale version. */
  update(
    by: Principal,
    request: UpdateRouteRuleRequest,
    expected?: ExpectedVersion,
  ): Promise<PlacedRouteRule> {
    return this.change(by, async (tx, rules, known) => {
      const before = requireRule(rules, request.id);
      requireVersion(before.version, expected);
      const faults: FieldError[] = [];
      const rule = checkRouteRule(before.id, merged(before, request, faults), known, faults);
      if (faults.length > 0) throw badInput(faults);
      const changes = changesOf(before, rule);
      if (Object.keys(changes).length === 0) return { value: before, events: [] };
      await this.deps.store.save(tx, rules, (rules as readonly RouteRule[]).with(before.position - 1, rule));
      const value = await this.deps.store.read(tx, rule.id);
      return { value, events: [domainEvent('route_rule.updated', ruleSubject(rule), changes)] };
    });
  }

  /** Errors: FORBIDDEN, NOT_FOUND, CONFLICT for a stale version. */
  delete(by: Principal, id: string, expected?: ExpectedVersion): Promise<boolean> {
    return this.change(by, async (tx, rules) => {
      const rule = requireRule(rules, id);
      requireVersion(rule.version, expected);
      await this.deps.store.save(tx, rules, rules.toSpliced(rule.position - 1, 1));
      const changes = { ...changesOf(rule, null), position: { before: rule.position, after: null } };
      return { value: true, events: [domainEvent('route_rule.deleted', ruleSubject(rule), changes)] };
    });
  }

  /**
   * Moves a rule to a position, counted from 1. Errors: FORBIDDEN, NOT_FOUND, BAD_USER_INPUT, CONFLICT for a stale
   * version.
   */
  move(by: Principal, id: string, to: number, expected?: ExpectedVersion): Promise<PlacedRouteRule> {
    return this.change(by, async (tx, rules) => {
      const rule = requireRule(rules, id);
      requireVersion(rule.version, expected);
      const faults: FieldError[] = [];
      const position = checkPosition(to, rules.length, faults);
      if (faults.length > 0) throw badInput(faults);
      if (position === rule.position) return { value: rule, events: [] };
      const others = rules.toSpliced(rule.position - 1, 1);
      await this.deps.store.save(tx, rules, others.toSpliced(position - 1, 0, rule));
      const value = await this.deps.store.read(tx, id);
      const changes = { position: { before: rule.position, after: position } };
      return { value, events: [domainEvent('route_rule.moved', ruleSubject(rule), changes)] };
    });
  }

  /** Sets the outcome for requests that match no rule. Error: FORBIDDEN. */
  setNoMatch(by: Principal, value: NoMatch): Promise<NoMatch> {
    requireAt(by, 'keywright.access.manage', ROOT_SCOPE.id);
    return this.deps.changes.apply(by, async (tx) => {
      const changed = await this.deps.store.setNoMatch(tx, value);
      const before: NoMatch = value === 'DENY' ? 'ANY_KEY' : 'DENY';
      const changes = { routeDefault: { before, after: value } };
      return { value, events: changed ? [domainEvent('setting.updated', SETTINGS, changes)] : [] };
    });
  }

  /** One change of the list, with the list and the catalog that it refers to locked. */
  private change<T>(
    by: Principal,
    apply: (
      tx: Transaction,
      rules: readonly PlacedRouteRule[],
      known: ReadonlySet<string>,
    ) => Promise<Change<T, DomainEvent>>,
  ): Promise<T> {
    requireAt(by, 'keywright.access.manage', ROOT_SCOPE.id);
    return this.deps.changes.apply(by, async (tx) => {
      const known = await this.deps.access.lockedPermissionNames(tx);
      return apply(tx, await this.deps.store.lock(tx), known);
    });
  }
}

/** Error: CONFLICT if a list of this length is too long. */
export function requireRoom(count: number): void {
  if (count <= MAX_ROUTE_RULES) return;
  throw new AppError('CONFLICT', `There can be at most ${MAX_ROUTE_RULES.toLocaleString('en')} route rules.`);
}

function requireRule(rules: readonly PlacedRouteRule[], id: string): PlacedRouteRule {
  const rule = rules.find((each) => each.id === id);
  if (!rule) throw notFound();
  return rule;
}

function checkPosition(position: number, last: number, faults: FieldError[]): number {
  if (position < 1 || position > last) {
    faults.push({ path: 'position', message: `A position must be 1 to ${last}.` });
  }
  return position;
}

/**
 * A rule with its changes applied. Only a rule that requires a permission keeps one; null is invalid for required
 * members.
 */
function merged(before: RouteRule, request: UpdateRouteRuleRequest, faults: FieldError[]): RouteRuleMembers {
  for (const path of ['environments', 'method', 'pathPattern', 'access'] as const) {
    if (request[path] === null) faults.push({ path, message: 'A rule requires this.' });
  }
  const access = request.access ?? before.access;
  const kept = access === 'PERMISSION' ? before.permission : null;
  return {
    environments: request.environments ?? before.environments,
    method: request.method ?? before.method,
    pathPattern: request.pathPattern ?? before.pathPattern,
    access,
    permission: request.permission === undefined ? kept : request.permission,
    scopeParameter:
      request.scopeParameter === undefined
        ? asksForKey(access)
          ? before.scopeParameter
          : null
        : request.scopeParameter,
    description: request.description === undefined ? before.description : request.description,
  };
}
