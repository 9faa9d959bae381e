import type { Transaction } from '../../../core/transaction.js';
import type { Clock } from '../../../core/clock.js';
import { AppError, badInput, notFound, type FieldError } from '../../../core/errors.js';
import { requireVersion, type ExpectedVersion } from '../../../core/expected-version.js';
import { ID_PREFIXES, newId } from '../../../core/id.js';
import type { Directory } from '../../access/decide/directory.js';
import { seesScope } from '../../access/decide/grant.js';
import { AccessSet } from '../../access/decide/access-set.js';
import type { HolderBounds } from '../../access/decide/holder-bounds.js';
import {
  requireAt,
  requireHeld,
  type ManagementPermission,
  type Principal,
} from '../../access/decide/principal.js';
import type { Changes } from '../../events/changes.js';
import { domainEvent, type Subject } from '../../events/domain-event.js';
import type { ScopeFields } from '../../events/event-payloads.js';
import { anyChanged, differences, initialValues } from '../../events/field-changes.js';
import { hasApiSwitch, PARENT_KIND, ROOT_SCOPE, type ScopeKind, type ScopeNode } from '../tree/scope.js';
import { gainedByMove } from './move-gain.postgres.js';
import { checkMembers, type ScopeMembers } from './scope-rules.js';
import type { ScopeStore, ScopeUses } from './scope-store.postgres.js';
import { waitingAccounts, type WaitingAccount } from './waiting-accounts.postgres.js';

const MANAGE: ManagementPermission = 'keywright.access.manage';

/** Input for creating a scope. */
export interface CreateScopeRequest extends ScopeMembers {
  readonly kind: ScopeKind;
  readonly parentId?: string | null;
  readonly apiEnabled: boolean;
}

/** Input for updating a scope: absent fields stay unchanged. */
export interface UpdateScopeRequest extends ScopeMembers {
  readonly id: string;
  readonly parentId?: string | null;
}

export interface ScopeServiceDeps {
  readonly store: ScopeStore;
  readonly directory: Directory;
  readonly bounds: Pick<HolderBounds, 'requireGainBound'>;
  readonly changes: Changes;
  readonly clock: Clock;
  /** Admits the keys of a scope that was moved to another customer. Error: LICENSE_LIMIT_REACHED. */
  readonly admitMoved: (tx: Transaction, by: Principal, scopeId: string) => Promise<void>;
}

const counted = (n: number, noun: string): string | null =>
  n === 0 ? null : `${n} ${noun}${n === 1 ? '' : 's'}`;

function describeUses(uses: ScopeUses): string {
  return [
    counted(uses.children, 'scope'),
    counted(uses.serviceAccounts, 'service account'),
    counted(uses.keys, 'key'),
    counted(uses.grants, 'grant'),
  ]
    .filter((part) => part !== null)
    .join(', ');
}

/** Changes the scope tree within its rules: the levels stay intact, and only unused scopes can be deleted. */
export class ScopeService {
  constructor(private readonly deps: ScopeServiceDeps) {}

  /** Needs keywright.access.manage at the parent. Errors: BAD_USER_INPUT, FORBIDDEN, NAME_TAKEN. */
  create(by: Principal, request: CreateScopeRequest): Promise<ScopeNode> {
    const { kind } = request;
    const parentId = request.parentId ?? ROOT_SCOPE.id;
    const faults: FieldError[] = [];
    if (kind === 'ROOT') faults.push({ path: 'kind', message: 'The root scope already exists.' });
    else if (!seesScope(by.access, parentId)) {
      faults.push({ path: 'parentId', message: 'This scope does not exist.' });
    } else if (this.kindOf(parentId) !== PARENT_KIND[kind]) {
      faults.push({ path: 'parentId', message: 'A scope of this kind is not allowed there.' });
    }
    const isCustomer = kind === 'CUSTOMER';
    const now = new Date(this.deps.clock.now());
    const members = checkMembers(
      {
        name: request.name,
        ...(isCustomer || request.email != null ? { email: request.email ?? null } : {}),
        ...(isCustomer ? { joinedOn: request.joinedOn ?? now.toISOString().slice(0, 10) } : {}),
        ...(!isCustomer && request.joinedOn != null ? { joinedOn: request.joinedOn } : {}),
      },
      isCustomer,
      faults,
    );
    requireAt(by, MANAGE, parentId);
    const node: Omit<ScopeNode, 'version'> = {
      id: newId(ID_PREFIXES.scope, now.getTime()),
      kind,
      name: members.name!,
      parentId,
      email: members.email ?? null,
      joinedOn: members.joinedOn ?? null,
      apiEnabled: hasApiSwitch(kind) ? request.apiEnabled : true,
      maximumKeys: null,
      createdAt: now,
    };
    return this.deps.changes.apply(by, async (tx) => {
      await this.deps.store.insert(tx, node);
      const { name, email, joinedOn, apiEnabled } = node;
      const after = { kind, name, email, joinedOn, parent: parentId, apiEnabled };
      const value = (await this.deps.store.lock(tx, node.id))!;
      return { value, events: [domainEvent('scope.created', subject(value), initialValues(after))] };
    });
  }

  /**
   * Needs keywright.access.manage at the scope; to move it, also at both parents, and every permission that anyone
   * gains at the scope through the move. Errors: NOT_FOUND, FORBIDDEN, GRANT_NOT_HELD, BAD_USER_INPUT, NAME_TAKEN,
   * CONFLICT, LICENSE_LIMIT_REACHED if the new customer has no room for the keys.
   */
  update(by: Principal, request: UpdateScopeRequest, expected?: ExpectedVersion): Promise<ScopeNode> {
    const seen = this.changeable(by, request.id);
    const { name, email, joinedOn, maximumKeys } = request;
    // A customer cannot raise its own maximum.
    if (maximumKeys !== undefined) requireAt(by, MANAGE, ROOT_SCOPE.id);
    const given = {
      ...(name === undefined ? {} : { name }),
      ...(email === undefined ? {} : { email }),
      ...(joinedOn === undefined ? {} : { joinedOn }),
      ...(maximumKeys === undefined ? {} : { maximumKeys }),
    };
    const faults: FieldError[] = [];
    const parentId = request.parentId ?? undefined;
    if (parentId !== undefined && !seesScope(by.access, parentId)) {
      faults.push({ path: 'parentId', message: 'This scope does not exist.' });
    }
    const members = checkMembers(given, seen.kind === 'CUSTOMER', faults);
    return this.deps.changes.apply(by, async (tx) => {
      if (parentId !== undefined) await this.deps.store.lockMoves(tx);
      const node = await this.deps.store.lock(tx, request.id);
      if (!node) throw notFound();
      requireVersion(node.version, expected);
      const moves = parentId !== undefined && parentId !== node.parentId;
      if (moves) {
        if (this.kindOf(parentId) !== PARENT_KIND[node.kind]) {
          throw badInput([{ path: 'parentId', message: 'A scope of this kind is not allowed there.' }]);
        }
        for (const place of [node.parentId, parentId]) requireAt(by, MANAGE, place ?? ROOT_SCOPE.id);
        await this.requireSwitchesLeft(tx, by, node.id, parentId);
        await this.requireGainHeld(tx, by, node.id, parentId);
        await this.requireNamesFree(tx, by, node.id, parentId);
      }
      const wanted = { ...members, ...(moves ? { parentId } : {}) };
      const before = shown(node);
      const changes = differences(before, { ...before, ...members, ...(moves ? { parent: parentId } : {}) });
      if (!anyChanged(changes)) return { value: node, events: [] };
      const { store } = this.deps;
      const toOther =
        moves && (await store.customerOf(tx, node.id)) !== (await store.customerOf(tx, parentId));
      await store.update(tx, node.id, wanted);
      if (toOther) await this.deps.admitMoved(tx, by, node.id);
      const value = (await this.deps.store.lock(tx, node.id))!;
      return {
        value,
        events: [domainEvent(moves ? 'scope.moved' : 'scope.updated', subject(value), changes)],
      };
    });
  }

  /**
   * Switches the API of a customer or organization on or off. Switching it on requires every permission of the service
   * accounts whose keys start to work again. Errors: NOT_FOUND, FORBIDDEN, BAD_USER_INPUT, GRANT_NOT_HELD.
   */
  setApiEnabled(by: Principal, id: string, enabled: boolean): Promise<ScopeNode> {
    const { kind } = this.changeable(by, id);
    if (!hasApiSwitch(kind)) {
      throw badInput([{ path: 'id', message: 'Only customers and organizations have an API switch.' }]);
    }
    return this.deps.changes.apply(by, async (tx) => {
      const node = await this.deps.store.lock(tx, id);
      if (!node) throw notFound();
      if (node.apiEnabled === enabled) return { value: node, events: [] };
      if (enabled) {
        await this.requireMayRevive(tx, by, await waitingAccounts(tx, id, { withOwn: false }));
      }
      await this.deps.store.setApiEnabled(tx, id, enabled);
      const value = (await this.deps.store.lock(tx, id))!;
      const type = enabled ? 'scope.api_enabled' : 'scope.api_disabled';
      const changes = { apiEnabled: { before: node.apiEnabled, after: enabled } };
      return { value, events: [domainEvent(type, subject(value), changes)] };
    });
  }

  /**
   * Needs keywright.access.manage at the parent. Errors: NOT_FOUND, FORBIDDEN, CONFLICT, which lists what still uses
   * it.
   */
  delete(by: Principal, id: string): Promise<boolean> {
    const seen = this.changeable(by, id);
    if (seen.kind === 'ROOT') throw badInput([{ path: 'id', message: 'The root scope cannot be deleted.' }]);
    requireAt(by, MANAGE, seen.parentId!);
    return this.deps.changes.apply(by, async (tx) => {
      const node = await this.deps.store.lock(tx, id);
      if (!node) throw notFound();
      const hanging = describeUses(await this.deps.store.uses(tx, id));
      if (hanging !== '') {
        throw new AppError('CONFLICT', `Cannot delete ${node.name}: it still has ${hanging}.`);
      }
      await this.deps.store.delete(tx, id);
      const about = { ...subject(node), scopeIds: [node.parentId!] };
      const changes = { name: { before: node.name, after: null } };
      return { value: true, events: [domainEvent('scope.deleted', about, changes)] };
    });
  }

  /**
   * Leaving an API that is switched off makes keys work again, so it needs the same permissions as switching that API
   * on. Errors: FORBIDDEN, GRANT_NOT_HELD.
   */
  private async requireSwitchesLeft(
    tx: Transaction,
    by: Principal,
    id: string,
    parentId: string,
  ): Promise<void> {
    const { tree } = this.deps.directory;
    const kept = new Set(tree.pathOf(parentId));
    const left = tree.pathOf(id).filter((above) => above.id !== id && !kept.has(above));
    let leavesOff = false;
    for (const { id: above, apiEnabled } of left) {
      const node = await this.deps.store.lock(tx, above);
      // Also off if a hold keeps it off after a restore of the database; only the tree shows that.
      if (!node || (node.apiEnabled && apiEnabled)) continue;
      requireAt(by, MANAGE, above);
      leavesOff = true;
    }
    if (!leavesOff) return;
    await this.requireMayRevive(tx, by, await waitingAccounts(tx, id, { withOwn: true }));
  }

  /**
   * Callers who make keys of service accounts work again must hold what those keys hold, as when enabling the accounts.
   * Errors: GRANT_NOT_HELD, FORBIDDEN.
   */
  private async requireMayRevive(
    tx: Transaction,
    by: Principal,
    accounts: readonly WaitingAccount[],
  ): Promise<void> {
    const { bounds, directory } = this.deps;
    requireHeld(by, directory.expand(accounts.flatMap(({ grants }) => grants)));
    for (const { id, grants } of accounts) {
      await bounds.requireGainBound(tx, by, { serviceAccountId: id }, directory.expand(grants));
    }
  }

  /**
   * Everything held at the new parent or above becomes effective here, and the caller must hold it to give it. Error:
   * GRANT_NOT_HELD.
   */
  private async requireGainHeld(tx: Transaction, by: Principal, id: string, parentId: string): Promise<void> {
    const { tree } = this.deps.directory;
    const { gained, own } = await gainedByMove(tx, id, parentId);
    const customer = tree.customerOf(parentId) ?? parentId;
    const wanted = new AccessSet(tree, [
      { scopeId: id, permissions: gained },
      { scopeId: customer, permissions: own },
    ]);
    // The holders may be invisible to the caller, so the error names no permission.
    if (by.access.missing(wanted).length > 0) {
      throw new AppError(
        'GRANT_NOT_HELD',
        'Moving it there would give others permissions here that you do not have yourself.',
      );
    }
  }

  /**
   * Keys keep their names when they move to another customer. Errors: NAME_TAKEN, or CONFLICT if the caller cannot see
   * the keys.
   */
  private async requireNamesFree(
    tx: Transaction,
    by: Principal,
    id: string,
    parentId: string,
  ): Promise<void> {
    const collisions = await this.deps.store.nameCollisions(tx, id, parentId);
    if (collisions.length === 0) return;
    const seen = collisions.find(({ scopeIds }) =>
      scopeIds.every((scopeId) => by.access.holdsAt('keywright.keys.read', scopeId)),
    );
    if (!seen) throw new AppError('CONFLICT', 'This scope cannot be moved there.');
    const message = `A key there is also called “${seen.name}”. Rename one of the two first.`;
    throw new AppError('NAME_TAKEN', message, { fields: [{ path: 'parentId', message }] });
  }

  private kindOf(id: string): ScopeKind | undefined {
    return this.deps.directory.tree.get(id)?.kind;
  }

  /** A scope that the caller can change. Errors: NOT_FOUND if the caller cannot see it, FORBIDDEN. */
  private changeable(by: Principal, id: string): ScopeNode {
    const node = this.deps.directory.tree.get(id);
    if (!node || !seesScope(by.access, id)) throw notFound();
    requireAt(by, MANAGE, id);
    return node;
  }
}

const subject = ({ id, name }: ScopeNode): Subject => ({ type: 'Scope', id, name, scopeIds: [id] });

const shown = ({ name, email, joinedOn, maximumKeys, parentId }: ScopeNode): ScopeFields => ({
  name,
  email,
  joinedOn,
  maximumKeys,
  parent: parentId,
});
