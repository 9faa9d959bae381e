import type { FieldError } from '../../../core/errors.js';
import { inSlices } from '../../../core/slices.js';
import { faultOfPermission } from '../../access/decide/grant.js';
import type { Environment } from '@keywright/schema/environment';
import { foldAscii } from '../path-pattern.js';
import {
  asksForKey,
  nameOfRule,
  sameRule,
  type PlacedRouteRule,
  type RouteAccess,
  type RouteRule,
} from '../route-rule.js';
import { shadowsIn } from '../shadows.js';
import { decide, isUsable, type ImportRequest, type OperationChoice } from './decide-operation.js';
import type { ReadOperation } from './read-operations.js';

/** The result for an operation. */
export type ImportState = 'NEW' | 'CHANGED' | 'UNCHANGED' | 'SKIPPED' | 'REFUSED';

/** The plan for one operation. */
export interface PlannedOperation extends ReadOperation {
  readonly state: ImportState;
  readonly access: RouteAccess | null;
  /** Whether no source says which permission it requires. */
  readonly needsPermission: boolean;
  readonly current: RouteRule | null;
  readonly shadowedBy: string | null;
}

/** What an import would do. */
export interface ImportPlan {
  readonly operations: readonly PlannedOperation[];
  /** The whole list afterwards. */
  readonly after: readonly RouteRule[];
  readonly added: readonly RouteRule[];
  readonly changed: readonly { readonly before: RouteRule; readonly after: RouteRule }[];
  /** Rules that no longer apply in the environments of the import. */
  readonly removed: readonly RouteRule[];
}

/** The starting point of a plan. */
export interface ImportBase {
  readonly rules: readonly PlacedRouteRule[];
  /** The catalog. */
  readonly known: ReadonlySet<string>;
  readonly newId: () => string;
}

const keyOf = (
  { method, pathPattern }: Pick<RouteRule, 'method' | 'pathPattern'>,
  environments: readonly Environment[],
) => `${method} ${foldAscii(pathPattern.replaceAll(/\{[^/]*\}/g, '{}'))} ${environments.toSorted().join()}`;

/** Rules without those environments; rules that remain apply elsewhere. */
const without = (rules: readonly RouteRule[], gone: readonly Environment[]): RouteRule[] =>
  rules
    .map((rule) => {
      const environments = rule.environments.filter((each) => !gone.includes(each));
      return environments.length === rule.environments.length ? rule : { ...rule, environments };
    })
    .filter(({ environments }) => environments.length > 0);

/** Plans an import, in slices between which others get their turn; adds errors in the choices. */
export async function planImport(
  operations: readonly ReadOperation[],
  request: ImportRequest,
  base: ImportBase,
  faults: FieldError[],
): Promise<ImportPlan> {
  const { environments, mode } = request;
  const choices = await choicesByOperation(operations, request.choices, base.known, faults);
  const present = new Map<string, RouteRule>();
  for await (const rule of inSlices(base.rules.toReversed()))
    present.set(keyOf(rule, rule.environments), rule);
  const wanted = new Map<string, RouteRule>();
  const planOf = (operation: ReadOperation): PlannedOperation => {
    const key = keyOf(operation, environments);
    const current = present.get(key);
    // Two operations that differ only in parameter names cannot both match this rule.
    present.delete(key);
    const decision = decide(operation, choices.get(operation.operation), current, base.known, request);
    const notes = [...operation.notes, ...(decision.note === undefined ? [] : [decision.note])];
    const shared = { ...operation, notes, current: current ?? null, shadowedBy: null };
    if ('state' in decision) {
      return {
        ...shared,
        state: decision.state,
        access: null,
        permission: null,
        needsPermission: decision.needsPermission ?? false,
      };
    }
    const { access, permission, needsPermission } = decision;
    const rule: RouteRule = {
      id: current?.id ?? base.newId(),
      environments,
      method: operation.method,
      pathPattern: operation.pathPattern,
      access,
      permission,
      scopeParameter: asksForKey(access) ? operation.scopeParameter : null,
      description: current?.description || operation.summary,
    };
    const state = !current ? 'NEW' : sameRule(current, rule) ? 'UNCHANGED' : 'CHANGED';
    wanted.set(operation.operation, current && state === 'UNCHANGED' ? current : rule);
    return { ...shared, state, access, permission, needsPermission };
  };
  const planned: PlannedOperation[] = [];
  for await (const operation of inSlices(operations)) planned.push(planOf(operation));

  const imported = [...wanted.values()];
  const byId = new Map(imported.map((rule) => [rule.id, rule]));
  const others = base.rules.filter(({ id }) => !byId.has(id));
  const before = new Map<string, RouteRule>(base.rules.map((rule) => [rule.id, rule]));
  const added = imported.filter(({ id }) => !before.has(id));
  const changed = imported.flatMap((after) => {
    const was = before.get(after.id);
    return was && was !== after ? [{ before: was, after }] : [];
  });
  const inPlace = base.rules.map((rule) => byId.get(rule.id) ?? rule);
  const after =
    mode === 'REPLACE'
      ? [...imported, ...without(others, environments)]
      : mode === 'PREPEND'
        ? [...added, ...inPlace]
        : [...inPlace, ...added];
  const removed =
    mode === 'REPLACE'
      ? others.filter((rule) => rule.environments.some((each) => environments.includes(each)))
      : [];
  const shadows = await shadowsIn(after);
  return {
    operations: planned.map((each) => {
      const above = shadows.get(wanted.get(each.operation)?.id ?? '');
      return above ? { ...each, shadowedBy: nameOfRule(above) } : each;
    }),
    after,
    added,
    changed,
    removed,
  };
}

async function choicesByOperation(
  operations: readonly ReadOperation[],
  choices: readonly OperationChoice[],
  known: ReadonlySet<string>,
  faults: FieldError[],
): Promise<Map<string, OperationChoice>> {
  const names = new Set(operations.map(({ operation }) => operation));
  const byName = new Map<string, OperationChoice>();
  let i = -1;
  for await (const choice of inSlices(choices)) {
    i += 1;
    const fault = (member: string, message: string) =>
      faults.push({ path: `choices.${i}.${member}`, message });
    if (!names.has(choice.operation)) fault('operation', 'The document has no such operation.');
    else if (byName.has(choice.operation)) fault('operation', 'There are two choices for this operation.');
    byName.set(choice.operation, choice);
    const { access, permission } = choice;
    if (permission != null && access != null && access !== 'PERMISSION') {
      fault('permission', 'Only a rule that requires a permission can name one.');
    } else if (permission != null && !isUsable(permission, known)) {
      fault(
        'permission',
        faultOfPermission(permission, known) ?? 'A rule requires one permission, not a wildcard.',
      );
    }
  }
  return byName;
}
