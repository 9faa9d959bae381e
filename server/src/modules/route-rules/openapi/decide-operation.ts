import { faultOfPermission } from '../../access/decide/grant.js';
import type { Environment } from '@keywright/schema/environment';
import { faultOfMethod } from '../request-method.js';
import type { RouteAccess, RouteRule } from '../route-rule.js';
import type { ReadOperation } from './read-operations.js';

/** Where imported rules go: they replace all others of their environments, or go before or after them. */
export type ImportMode = 'REPLACE' | 'PREPEND' | 'APPEND';

/** A decision about one operation that overrides its document. */
export interface OperationChoice {
  readonly operation: string;
  readonly include?: boolean | null | undefined;
  readonly access?: RouteAccess | null | undefined;
  readonly permission?: string | null | undefined;
}

/** How a document becomes rules. */
export interface ImportRequest {
  readonly environments: readonly Environment[];
  readonly mode: ImportMode;
  /** For operations without a known permission: a rule that rejects everyone, or no rule. */
  readonly withoutPermission: 'NOBODY' | 'LEAVE_OUT';
  readonly choices: readonly OperationChoice[];
}

/** The decision on an operation. */
export type Decision =
  | { readonly state: 'SKIPPED' | 'REFUSED'; readonly note: string; readonly needsPermission?: true }
  | {
      readonly access: RouteAccess;
      readonly permission: string | null;
      readonly needsPermission: boolean;
      readonly note?: string;
    };

/** Whether a rule can require a permission with this name. */
export const isUsable = (name: string, known: ReadonlySet<string>): boolean =>
  !name.endsWith('*') && faultOfPermission(name, known) === undefined;

const kept = ({ access, permission }: RouteRule): Decision => ({
  access,
  permission,
  needsPermission: false,
  note: 'Keeps what its rule requires now.',
});

/** Decides on an operation, in this order of precedence: choice, document, existing rule. */
export function decide(
  operation: ReadOperation,
  choice: OperationChoice | undefined,
  current: RouteRule | undefined,
  known: ReadonlySet<string>,
  { withoutPermission }: ImportRequest,
): Decision {
  if (operation.problem !== null) return { state: 'REFUSED', note: operation.problem };
  const methodFault = operation.method === 'ANY' ? null : faultOfMethod(operation.method);
  if (methodFault !== null) return { state: 'REFUSED', note: methodFault };
  if (choice?.include === false) return { state: 'SKIPPED', note: 'Skipped.' };
  const access = choice?.access ?? (choice?.permission == null ? null : 'PERMISSION');
  if (access !== null && access !== 'PERMISSION') return { access, permission: null, needsPermission: false };
  const asks = (permission: string): Decision => ({
    access: 'PERMISSION',
    permission,
    needsPermission: false,
  });
  if (choice?.permission != null) return asks(choice.permission);
  if (operation.isPublic && choice?.include !== true && access === null) {
    if (current?.access === 'ANYBODY') return kept(current);
    return {
      state: 'SKIPPED',
      note: 'Public: the document says that it needs no credentials. A rule opens it to anyone only if you choose so.',
    };
  }
  const [only, ...others] = operation.scopes;
  const named = operation.permission ?? (others.length === 0 ? only : undefined);
  if (named !== undefined && isUsable(named, known)) return asks(named);
  if (current && current.access !== 'NOBODY') return kept(current);
  const why =
    named !== undefined
      ? `The permission ${named} does not exist.`
      : others.length > 0
        ? 'Its security names several scopes, but a rule requires one permission.'
        : 'The document does not say which permission it needs.';
  if (withoutPermission === 'LEAVE_OUT') return { state: 'SKIPPED', note: why, needsPermission: true };
  return { access: 'NOBODY', permission: null, needsPermission: true, note: why };
}
