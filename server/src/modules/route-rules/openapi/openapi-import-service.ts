import type { Clock } from '../../../core/clock.js';
import { badInput, type FieldError } from '../../../core/errors.js';
import { ID_PREFIXES, newId } from '../../../core/id.js';
import type { AccessStore } from '../../access/decide/access-store.postgres.js';
import { requireAt, type Principal } from '../../access/decide/principal.js';
import type { Changes } from '../../events/changes.js';
import { domainEvent, type DomainEvent } from '../../events/domain-event.js';
import { ENVIRONMENTS, type Environment } from '@keywright/schema/environment';
import { ROOT_SCOPE } from '../../scopes/tree/scope.js';
import { requireRevision, revisionOf, type ExpectedRevision } from '../list-revision.js';
import { requireRoom } from '../route-rule-service.js';
import type { RouteRuleStore } from '../route-rule-store.postgres.js';
import { nameOfRule, type PlacedRouteRule, type RouteAccess, type RouteRule } from '../route-rule.js';
import type { DocumentReader } from './document-reader.js';
import type { ImportMode, OperationChoice } from './decide-operation.js';
import { planImport, type ImportBase, type ImportPlan } from './plan-import.js';
import type { ReadDocument } from './read-operations.js';

const MAX_CHOICES = 5000;

/** An import request from a caller. */
export interface OpenApiImportRequest {
  readonly document: string;
  readonly environments: readonly Environment[];
  readonly basePath?: string | null | undefined;
  readonly mode?: ImportMode | null | undefined;
  readonly withoutPermission?: 'NOBODY' | 'LEAVE_OUT' | null | undefined;
  readonly choices?: readonly OperationChoice[] | null | undefined;
}

/** What an import would do, or did. */
export interface OpenApiImport extends ImportPlan {
  readonly title: string;
  /** Of the list that the preview was based on, or that the import produced. */
  readonly revision: string;
}

export interface OpenApiImportServiceDeps {
  readonly store: RouteRuleStore;
  readonly access: Pick<AccessStore, 'lockedPermissionNames' | 'permissionNames'>;
  readonly changes: Changes;
  readonly clock: Clock;
  readonly reader: DocumentReader;
}

/** Creates route rules from OpenAPI documents; needs keywright.access.manage at the root. */
export class OpenApiImportService {
  constructor(private readonly deps: OpenApiImportServiceDeps) {}

  /** What an import would do; nothing is saved. Errors: FORBIDDEN, BAD_USER_INPUT, UNAVAILABLE. */
  async preview(by: Principal, request: OpenApiImportRequest): Promise<OpenApiImport> {
    const document = await this.read(by, request);
    const [rules, known] = await Promise.all([this.deps.store.list(), this.deps.access.permissionNames()]);
    const plan = await this.plan(document, request, rules, known);
    return { title: document.title, revision: revisionOf(rules), ...plan };
  }

  /**
   * Saves the rules that the preview shows; if its revision is given, only while that is current. Errors: FORBIDDEN,
   * BAD_USER_INPUT, CONFLICT, UNAVAILABLE.
   */
  async import(
    by: Principal,
    request: OpenApiImportRequest,
    expected?: ExpectedRevision,
  ): Promise<OpenApiImport> {
    const document = await this.read(by, request);
    const { title } = document;
    return this.deps.changes.apply(by, async (tx) => {
      const known = await this.deps.access.lockedPermissionNames(tx);
      const rules = await this.deps.store.lock(tx);
      requireRevision(
        rules,
        expected,
        'Route rules have changed since this preview. Preview again, then import.',
      );
      const plan = await this.plan(document, request, rules, known);
      requireRoom(plan.after.length);
      const changed = plan.after.length !== rules.length || plan.after.some((rule, i) => rule !== rules[i]);
      if (changed) await this.deps.store.save(tx, rules, plan.after);
      const revision = revisionOf(changed ? await this.deps.store.list(tx) : rules);
      return { value: { title, revision, ...plan }, events: changed ? [imported(title, request, plan)] : [] };
    });
  }

  private async read(by: Principal, request: OpenApiImportRequest): Promise<ReadDocument> {
    requireAt(by, 'keywright.access.manage', ROOT_SCOPE.id);
    const faults: FieldError[] = [];
    if (request.environments.length === 0) {
      faults.push({ path: 'environments', message: 'Choose at least one environment.' });
    }
    if ((request.choices?.length ?? 0) > MAX_CHOICES) {
      faults.push({ path: 'choices', message: `At most ${MAX_CHOICES} choices are allowed.` });
    }
    if (faults.length > 0) throw badInput(faults);
    const read = await this.deps.reader.read(request.document, request.basePath?.trim() ?? null);
    if ('refused' in read) throw badInput([{ path: 'document', message: read.refused }]);
    return read;
  }

  private async plan(
    { operations }: ReadDocument,
    request: OpenApiImportRequest,
    rules: readonly PlacedRouteRule[],
    known: ReadonlySet<string>,
  ): Promise<ImportPlan> {
    const faults: FieldError[] = [];
    const base: ImportBase = {
      rules,
      known,
      newId: () => newId(ID_PREFIXES.routeRule, this.deps.clock.now()),
    };
    const plan = await planImport(
      operations,
      {
        environments: ENVIRONMENTS.filter((each) => request.environments.includes(each)),
        mode: request.mode ?? 'APPEND',
        withoutPermission: request.withoutPermission ?? 'NOBODY',
        choices: request.choices ?? [],
      },
      base,
      faults,
    );
    if (faults.length > 0) throw badInput(faults);
    return plan;
  }
}

const WHO: Readonly<Record<RouteAccess, string>> = {
  PERMISSION: 'a permission',
  ANY_KEY: 'any key',
  NOBODY: 'nobody',
  ANYBODY: 'anybody',
};

const describeRule = (rule: RouteRule): string =>
  `${nameOfRule(rule)}: ${rule.permission ?? WHO[rule.access]}`;

/** One event for all rules, with what each required before and requires now. */
const imported = (title: string, request: OpenApiImportRequest, plan: ImportPlan): DomainEvent =>
  domainEvent(
    'route_rule.imported',
    { type: 'RouteRule', id: null, name: title || 'OpenAPI document' },
    {
      environments: { before: null, after: [...request.environments] },
      mode: { before: null, after: request.mode ?? 'APPEND' },
      added: { before: null, after: plan.added.map(describeRule) },
      changed: {
        before: plan.changed.map(({ before }) => describeRule(before)),
        after: plan.changed.map(({ after }) => describeRule(after)),
      },
      removed: { before: plan.removed.map(describeRule), after: null },
    },
  );
