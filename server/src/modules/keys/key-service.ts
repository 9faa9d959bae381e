import { setTimeout } from 'node:timers/promises';
import { MAX_IDEMPOTENCY_KEY, MAX_OVERLAP_SECONDS, MAX_REASON } from '@keywright/schema/bounds';
import type { Transaction } from '../../core/transaction.js';
import type { Clock } from '../../core/clock.js';
import { AppError, badInput, notFound } from '../../core/errors.js';
import { requireVersion, type ExpectedVersion } from '../../core/expected-version.js';
import { ID_PREFIXES, isId, newId } from '../../core/id.js';
import type { Propagation } from '../../core/propagation.js';
import type { Directory } from '../access/decide/directory.js';
import {
  requireChange,
  requireHeld,
  type ManagementPermission,
  type Principal,
} from '../access/decide/principal.js';
import type { Changes } from '../events/changes.js';
import { domainEvent, type DomainEvent } from '../events/domain-event.js';
import { issueSecret } from './issued-secret.js';
import type { KeyAllowance } from './key-allowance.js';
import { describeChanges, describeNew, keySubject, updateEvents } from './key-events.js';
import type { KeyBoundsCheck } from './key-bounds-check.js';
import { extendedExpiry, type Extension } from './key-extension.js';
import type { KeyGrantsCheck } from './key-grants.js';
import type { CreateKeyRequest, IssuedKey, KeyChange, UpdateKeyRequest } from './key-requests.js';
import { InputCheck } from './key-rules.js';
import type { KeyChanges, KeyStore, NewKey } from './key-store.js';
import { mintSecret } from './key-secret.js';
import { KeyWriter } from './key-writer.js';
import type { ApiKey } from './key.js';
import { widens } from './widening.js';

/** Regenerations of one key within this time count as simultaneous: each reads the key, then waits this long. */
const SIMULTANEOUS_MS = 500;

export interface KeyServiceDeps {
  readonly store: KeyStore;
  readonly directory: Directory;
  readonly grants: KeyGrantsCheck;
  readonly bounds: KeyBoundsCheck;
  readonly changes: Changes;
  readonly allowance: KeyAllowance;
  readonly clock: Clock;
  readonly brand: string;
  /** Base of the URLs returned with a secret; known once the server listens. */
  readonly publicUrl: () => string;
}

/** Issues and changes keys: each change, its audit event and its change-feed row commit together. */
export class KeyService {
  private readonly writer: KeyWriter;

  constructor(private readonly deps: KeyServiceDeps) {
    this.writer = new KeyWriter(deps);
  }

  /** For several changes in one call: a service that waits for propagation once, when `finish` is called. */
  batch(): { readonly keys: KeyService; finish(): Promise<Propagation | null> } {
    const propagation = this.deps.changes.deferPropagation();
    const keys = new KeyService({ ...this.deps, changes: this.deps.changes.with(propagation) });
    return { keys, finish: () => propagation.finish() };
  }

  /** Errors: BAD_USER_INPUT, FORBIDDEN, GRANT_NOT_HELD, NAME_TAKEN, LICENSE_LIMIT_REACHED, CONFLICT (repeated call). */
  async create(by: Principal, request: CreateKeyRequest): Promise<IssuedKey> {
    const check = new InputCheck(this.deps.clock.now());
    const name = check.name(request.name);
    const settings = {
      name,
      description: check.description(request.description),
      signatureProfiles: check.signatureProfiles(request.kind, request.signatureProfiles ?? []),
      expiresAt: check.expiry(request.expiresAt, request.expiresOn) ?? null,
      rateLimits: check.rateLimits(request.rateLimits ?? []),
      quotas: check.quotas(request.quotas ?? []),
      allowedCidrs: check.allowedCidrs(request.allowedCidrs ?? []),
      metadata: check.metadata(request.metadata ?? {}),
    };
    const idempotencyKey = check.line('idempotencyKey', request.idempotencyKey, MAX_IDEMPOTENCY_KEY);
    check.finish();
    const { kind, environment, enabled, locked } = request;
    const key: NewKey = {
      ...settings,
      kind,
      environment,
      enabled,
      locked,
      ...(await this.deps.grants.ofNew(by, request)),
    };
    return this.issueNew(by, key, idempotencyKey, (_tx, id) => {
      const created = domainEvent(
        'api_key.created',
        keySubject({ ...key, id }),
        describeNew(this.deps.directory, key),
      );
      return Promise.resolve({ key, created });
    });
  }

  /**
   * Errors: NOT_FOUND, KEY_REVOKED, BAD_USER_INPUT, FORBIDDEN, GRANT_NOT_HELD, NAME_TAKEN, CONFLICT for a stale
   * version.
   */
  async update(by: Principal, request: UpdateKeyRequest, expected?: ExpectedVersion): Promise<KeyChange> {
    const check = new InputCheck(this.deps.clock.now());
    const changes: { -readonly [K in keyof KeyChanges]: KeyChanges[K] } = {};
    if (request.name !== undefined) changes.name = check.name(request.name);
    if (request.description !== undefined) changes.description = check.description(request.description);
    const expiresAt = check.expiry(request.expiresAt, request.expiresOn);
    if (expiresAt !== undefined) changes.expiresAt = expiresAt;
    for (const member of ['enabled', 'locked'] as const) {
      const value = request[member];
      if (value === null)
        check.refuse(member, 'This must be true or false; leave it out to keep the current value.');
      else if (value !== undefined) changes[member] = value;
    }
    if (request.rateLimits !== undefined) changes.rateLimits = check.rateLimits(request.rateLimits ?? []);
    if (request.quotas !== undefined) changes.quotas = check.quotas(request.quotas ?? []);
    if (request.allowedCidrs !== undefined) {
      changes.allowedCidrs = check.allowedCidrs(request.allowedCidrs ?? []);
    }
    if (request.metadata !== undefined) changes.metadata = check.metadata(request.metadata ?? {});
    check.finish();
    const grantsOf = await this.deps.grants.ofChanged(by, request);
    return this.change(by, request.id, async (tx, key) => {
      requireVersion(key.version, expected);
      if (request.signatureProfiles !== undefined) {
        const profiles = new InputCheck(this.deps.clock.now());
        changes.signatureProfiles = profiles.signatureProfiles(key.kind, request.signatureProfiles ?? []);
        profiles.finish();
      }
      return updateEvents(key, await this.writer.apply(tx, by, key, changes, grantsOf?.(key)));
    });
  }

  /**
   * Disables a key together with the user who created it, or enables it again with the user. Errors: NOT_FOUND,
   * KEY_REVOKED, GRANT_NOT_HELD, CONFLICT if the user or the key was enabled or disabled meanwhile.
   */
  switchWithUser(by: Principal, id: string, userId: string, enabled: boolean): Promise<KeyChange> {
    return this.change(by, id, async (tx, key) => {
      if (widens(key, { enabled })) requireHeld(by, key.access);
      await this.writer.requireBound(tx, by, key, { enabled });
      await this.deps.store.switchWithUser(tx, id, userId, enabled);
      const [before, after] = enabled ? [userId, null] : [null, userId];
      return updateEvents(key, { ...describeChanges(key, { enabled }), disabledWithUser: { before, after } });
    });
  }

  /** Enables or disables a key; idempotent. Errors: NOT_FOUND, KEY_REVOKED. */
  setEnabled(by: Principal, id: string, enabled: boolean): Promise<KeyChange> {
    return this.change(by, id, async (tx, key) => {
      if (key.enabled === enabled) {
        return enabled ? [] : updateEvents(key, await this.writer.keepDisabled(tx, key));
      }
      if (widens(key, { enabled })) requireHeld(by, key.access);
      await this.writer.requireBound(tx, by, key, { enabled });
      await this.deps.store.update(tx, id, { enabled });
      return updateEvents(key, describeChanges(key, { enabled }));
    });
  }

  /** Locks a key against revocation, or unlocks it. Errors: NOT_FOUND, KEY_REVOKED. */
  setLocked(by: Principal, id: string, locked: boolean): Promise<KeyChange> {
    return this.change(by, id, async (tx, key) => {
      if (key.locked === locked) return [];
      await this.deps.store.update(tx, id, { locked });
      return updateEvents(key, describeChanges(key, { locked }));
    });
  }

  /**
   * Moves or clears the expiry, starting from its current value. Errors: NOT_FOUND, KEY_REVOKED, BAD_USER_INPUT,
   * GRANT_NOT_HELD.
   */
  extend(by: Principal, id: string, extension: Extension): Promise<KeyChange> {
    return this.change(by, id, async (tx, key) => {
      const expiresAt = extendedExpiry(key.expiresAt, extension, this.deps.clock.now());
      return updateEvents(key, await this.writer.apply(tx, by, key, { expiresAt }));
    });
  }

  /**
   * Puts a new secret on the same record; the old one works for `overlapSeconds` more (0 to 30 days). Of simultaneous
   * regenerations one wins, and the others fail with CONFLICT. Errors: NOT_FOUND, KEY_REVOKED, GRANT_NOT_HELD,
   * CONFLICT.
   */
  async regenerate(
    by: Principal,
    id: string,
    overlapSeconds: number,
    idempotency?: string | null,
  ): Promise<IssuedKey> {
    const { store, clock } = this.deps;
    const check = new InputCheck(clock.now());
    if (overlapSeconds < 0 || overlapSeconds > MAX_OVERLAP_SECONDS) {
      check.refuse('overlapSeconds', 'An overlap must be 0 seconds to 30 days.');
    }
    const idempotencyKey = check.line('idempotencyKey', idempotency, MAX_IDEMPOTENCY_KEY);
    check.finish();
    const seen = await this.existing(by, id);
    requireHeld(by, seen.access);
    await setTimeout(SIMULTANEOUS_MS);
    const secret = mintSecret(seen.kind, this.deps.brand, seen.environment);
    return this.issue(by, secret.text, async (tx) => {
      await this.once(tx, by, 'regenerate', idempotencyKey, id);
      const key = this.changeable(by, await store.lock(tx, id));
      if (key.secretVersion !== seen.secretVersion) {
        throw new AppError(
          'CONFLICT',
          'This key was regenerated at the same time. Review it before you try again.',
        );
      }
      if (key.status === 'EXPIRED') {
        const message = 'This key has expired; extend it first, then regenerate its secret.';
        throw badInput([{ path: 'id', message }]);
      }
      // Checked again against the current key: its grants may have grown meanwhile.
      requireHeld(by, key.access);
      await this.deps.bounds.requireMayRegenerate(tx, by, key);
      const overlapEndsAt = overlapSeconds === 0 ? null : new Date(clock.now() + overlapSeconds * 1000);
      await store.replaceSecret(tx, key, secret, overlapEndsAt);
      const changes = {
        secretVersion: { before: key.secretVersion, after: key.secretVersion + 1 },
        overlapEndsAt: {
          before: key.overlapEndsAt?.toISOString() ?? null,
          after: overlapEndsAt?.toISOString() ?? null,
        },
      };
      return { id, event: domainEvent('api_key.regenerated', keySubject(key), changes) };
    });
  }

  /** Ends an overlap now: the old secret stops working. Errors: NOT_FOUND, KEY_REVOKED. */
  endOverlap(by: Principal, id: string): Promise<KeyChange> {
    return this.change(by, id, async (tx, key) => {
      if (!key.overlapEndsAt) return [];
      await this.deps.store.endOverlap(tx, id);
      const changes = { overlapEndsAt: { before: key.overlapEndsAt.toISOString(), after: null } };
      return [domainEvent('api_key.overlap_ended', keySubject(key), changes)];
    });
  }

  /**
   * Creates a key with the same settings. Errors: NOT_FOUND, KEY_REVOKED, NAME_TAKEN, GRANT_NOT_HELD,
   * LICENSE_LIMIT_REACHED, BAD_USER_INPUT.
   */
  async duplicate(by: Principal, id: string, newName: string): Promise<IssuedKey> {
    const seen = await this.existing(by, id);
    const check = new InputCheck(this.deps.clock.now());
    const name = check.name(newName);
    check.finish();
    return this.issueNew(by, seen, null, async (tx, copyId) => {
      const key = this.changeable(by, await this.deps.store.lock(tx, id));
      requireHeld(by, key.access);
      if (key.status === 'EXPIRED') {
        const message = 'This key has expired; extend it first, or create a separate key.';
        throw badInput([{ path: 'id', message }]);
      }
      const {
        description,
        kind,
        signatureProfiles,
        environment,
        enabled,
        rateLimits,
        quotas,
        allowedCidrs,
        metadata,
        expiresAt,
      } = key;
      const { scopeId, serviceAccountId, narrowed, grants } = key;
      const of = { kind, signatureProfiles, environment };
      const settings = { description, enabled, rateLimits, quotas, allowedCidrs, metadata, expiresAt };
      const held = { scopeId, serviceAccountId, narrowed, grants };
      const copy: NewKey = { ...of, ...settings, ...held, name, locked: false };
      const changes = describeNew(this.deps.directory, copy);
      const created = domainEvent('api_key.duplicated', keySubject({ ...copy, id: copyId }), {
        ...changes,
        duplicateOf: { before: null, after: id },
      });
      return { key: copy, created };
    });
  }

  /** Terminal: the credential is erased. Errors: NOT_FOUND, KEY_REVOKED, KEY_LOCKED. */
  revoke(by: Principal, id: string, reason: string | null | undefined): Promise<KeyChange> {
    const check = new InputCheck(this.deps.clock.now());
    const line = check.line('reason', reason, MAX_REASON);
    check.finish();
    const revoking = 'keywright.keys.revoke';
    return this.change(
      by,
      id,
      async (tx, key) => {
        if (key.locked)
          throw new AppError('KEY_LOCKED', 'This key is locked. Unlock it before you revoke it.');
        await this.deps.store.revoke(tx, id, by.actor, line);
        const changes = { revoked: { before: false, after: true }, reason: { before: null, after: line } };
        return [domainEvent('api_key.revoked', keySubject(key), changes)];
      },
      revoking,
    );
  }

  private async existing(by: Principal, id: string): Promise<ApiKey> {
    const key = isId(ID_PREFIXES.apiKey, id) ? await this.deps.store.find(id) : null;
    return this.changeable(by, key);
  }

  /** The key if the caller can change it. Errors: NOT_FOUND, FORBIDDEN, KEY_REVOKED. */
  private changeable(
    by: Principal,
    key: ApiKey | null,
    permission: ManagementPermission = 'keywright.keys.write',
  ): ApiKey {
    if (!key) throw notFound();
    requireChange(by, permission, 'keywright.keys.read', key.scopeId);
    if (key.revokedAt)
      throw new AppError(
        'KEY_REVOKED',
        'This key is revoked and cannot be changed. Create a new key instead.',
      );
    return key;
  }

  /** One change of one key: locks, applies, records and commits, then waits until verification has it. */
  private async change(
    by: Principal,
    id: string,
    apply: (tx: Transaction, key: ApiKey) => Promise<readonly DomainEvent[]>,
    permission?: ManagementPermission,
  ): Promise<KeyChange> {
    if (!isId(ID_PREFIXES.apiKey, id)) throw notFound();
    const { value: apiKey, propagation } = await this.deps.changes.run(by, async (tx) => {
      const key = this.changeable(by, await this.deps.store.lock(tx, id), permission);
      const events = await apply(tx, key);
      return { value: events.length === 0 ? key : (await this.deps.store.lock(tx, id))!, events };
    });
    return { apiKey, propagation };
  }

  private issueNew(
    by: Principal,
    { kind, environment }: Pick<NewKey, 'kind' | 'environment'>,
    idempotencyKey: string | null,
    make: (tx: Transaction, id: string) => Promise<{ key: NewKey; created: DomainEvent }>,
  ): Promise<IssuedKey> {
    const id = newId(ID_PREFIXES.apiKey, this.deps.clock.now());
    const secret = mintSecret(kind, this.deps.brand, environment);
    return this.issue(by, secret.text, async (tx) => {
      await this.once(tx, by, 'create', idempotencyKey, id);
      const { key, created } = await make(tx, id);
      await this.deps.bounds.requireBound(tx, by, key);
      await this.deps.store.insert(tx, id, key, secret, by.actor);
      await this.deps.allowance.admit(tx, by, id);
      return { id, event: created };
    });
  }

  /**
   * Commits the change that gives a key its secret; reads the key in the same transaction, so that a failed read
   * never loses the secret.
   */
  private async issue(
    by: Principal,
    secret: string,
    apply: (tx: Transaction) => Promise<{ id: string; event: DomainEvent }>,
  ): Promise<IssuedKey> {
    const { changes, store, publicUrl } = this.deps;
    const { value: apiKey, propagation } = await changes.run(by, async (tx) => {
      const { id, event } = await apply(tx);
      return { value: (await store.lock(tx, id))!, events: [event] };
    });
    return { apiKey, propagation, secret: issueSecret(publicUrl(), apiKey, secret) };
  }

  /** A repeated call creates nothing and does not return the secret again. */
  private async once(
    tx: Transaction,
    by: Principal,
    operation: string,
    idempotencyKey: string | null,
    id: string,
  ): Promise<void> {
    if (idempotencyKey === null) return;
    const before = await this.deps.store.rememberCall(tx, by.actor, operation, idempotencyKey, id);
    if (before !== undefined) {
      throw new AppError(
        'CONFLICT',
        `This call was already completed for ${before}. Its secret was shown then and cannot be shown again; regenerate the key if you lost it.`,
      );
    }
  }
}
