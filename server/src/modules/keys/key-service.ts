import { setTimeout } from 'node:timers/promises';
import type { DataSource, EntityManager } from 'typeorm';
import type { Clock } from '../../core/clock.js';
import { AppError, badInput, notFound } from '../../core/errors.js';
import { ID_PREFIXES, isId, newId } from '../../core/id.js';
import type { AccessStore } from '../access/access-store.postgres.js';
import { parseGrants, permissionsOf, type Grant, type GrantRequest } from '../access/grant.js';
import { requireHeld, type Principal } from '../access/principal.js';
import type { AuditRecorder } from '../audit/audit-recorder.js';
import { issueSecret, type IssuedSecret } from './issued-secret.js';
import { describeChanges, describeNew, grantNames, sameGrants } from './key-audit.js';
import { InputCheck } from './key-rules.js';
import type { KeyChanges, KeyStore, NewKey } from './key-store.js';
import type { ApiKey, KeyKind, RateLimit } from './key.js';
import type { ChangePropagation, Propagation } from './propagation.js';
import { mintToken, type Environment } from './token.js';
import { widens } from './widening.js';

const MAX_OVERLAP_SECONDS = 30 * 86_400;

/** Regenerates of one key that come in within this time count as simultaneous: each looks at the key, then waits as long. */
const SIMULTANEOUS_MS = 500;

/** What a caller may ask for when creating a key. */
export interface CreateKeyRequest {
  readonly name: string;
  readonly description?: string | null;
  readonly kind: KeyKind;
  readonly environment: Environment;
  readonly expiresAt?: Date | null;
  readonly expiresOn?: string | null;
  readonly enabled: boolean;
  readonly locked: boolean;
  readonly permissions?: readonly string[] | null;
  readonly grants?: readonly GrantRequest[] | null;
  readonly rateLimits?: readonly RateLimit[] | null;
  readonly allowedCidrs?: readonly string[] | null;
  readonly metadata?: unknown;
  readonly idempotencyKey?: string | null;
}

/** What a caller may change: absent leaves alone; null clears where that means something. */
export interface UpdateKeyRequest {
  readonly id: string;
  readonly name?: string | null;
  readonly description?: string | null;
  readonly expiresAt?: Date | null;
  readonly expiresOn?: string | null;
  readonly enabled?: boolean | null;
  readonly locked?: boolean | null;
  readonly permissions?: readonly string[] | null;
  readonly grants?: readonly GrantRequest[] | null;
  readonly rateLimits?: readonly RateLimit[] | null;
  readonly allowedCidrs?: readonly string[] | null;
  readonly metadata?: unknown;
}

/** A key after a change, and how far the change got. */
export interface KeyChange {
  readonly apiKey: ApiKey;
  readonly propagation: Propagation;
}

/** A key with a secret that is shown once. */
export interface IssuedKey extends KeyChange {
  readonly secret: IssuedSecret;
}

/** What the service is built from. */
export interface KeyServiceParts {
  readonly dataSource: DataSource;
  readonly store: KeyStore;
  readonly access: AccessStore;
  readonly audit: AuditRecorder;
  readonly propagation: ChangePropagation;
  readonly clock: Clock;
  readonly brand: string;
  /** Base of the URLs handed out with a secret; known once the server listens. */
  readonly publicUrl: () => string;
}

/** Issues keys and changes them: each change, its audit event and its change-feed row commit together. */
export class KeyService {
  constructor(private readonly parts: KeyServiceParts) {}

  /** Errors: BAD_USER_INPUT, GRANT_NOT_HELD, NAME_TAKEN, CONFLICT (this call was made before). */
  async create(by: Principal, request: CreateKeyRequest): Promise<IssuedKey> {
    const check = new InputCheck(this.parts.clock.now());
    if (request.kind === 'SIGNED') {
      check.refuse('kind', 'Keys that sign are not offered by this version; create a BEARER key.');
    }
    const name = check.name(request.name);
    const settings = {
      name,
      description: check.description(request.description),
      expiresAt: check.expiry(request.expiresAt, request.expiresOn) ?? null,
      rateLimits: check.rateLimits(request.rateLimits ?? []),
      allowedCidrs: check.allowedCidrs(request.allowedCidrs ?? []),
      metadata: check.metadata(request.metadata ?? {}),
    };
    const idempotencyKey = check.line('idempotencyKey', request.idempotencyKey, 200);
    check.finish();
    const grants = (await this.grantsOf(request)) ?? [];
    requireHeld(by, permissionsOf(grants));
    const { environment, enabled, locked } = request;
    const key: NewKey = { ...settings, environment, enabled, locked, grants };
    return this.issueNew(by, 'apiKey.create', environment, idempotencyKey, () =>
      Promise.resolve({ key, changes: describeNew(key) }),
    );
  }

  /** Errors: NOT_FOUND, KEY_REVOKED, BAD_USER_INPUT, GRANT_NOT_HELD, NAME_TAKEN. */
  async update(by: Principal, request: UpdateKeyRequest): Promise<KeyChange> {
    const check = new InputCheck(this.parts.clock.now());
    const changes: { -readonly [K in keyof KeyChanges]: KeyChanges[K] } = {};
    if (request.name !== undefined) changes.name = check.name(request.name);
    if (request.description !== undefined) changes.description = check.description(request.description);
    const expiresAt = check.expiry(request.expiresAt, request.expiresOn);
    if (expiresAt !== undefined) changes.expiresAt = expiresAt;
    for (const member of ['enabled', 'locked'] as const) {
      const value = request[member];
      if (value === null) check.refuse(member, 'This is true or false; leave it out to keep it as it is.');
      else if (value !== undefined) changes[member] = value;
    }
    if (request.rateLimits !== undefined) changes.rateLimits = check.rateLimits(request.rateLimits ?? []);
    if (request.allowedCidrs !== undefined) {
      changes.allowedCidrs = check.allowedCidrs(request.allowedCidrs ?? []);
    }
    if (request.metadata !== undefined) changes.metadata = check.metadata(request.metadata ?? {});
    check.finish();
    const grants = await this.grantsOf(request);
    return this.change(by, request.id, 'apiKey.update', async (manager, key) => {
      const described = describeChanges(key, changes);
      const differing = pick(changes, Object.keys(described));
      if (widens(key, differing)) requireHeld(by, key.permissions);
      if (grants && !sameGrants(key.grants, grants)) {
        const added = permissionsOf(grants).filter((name) => !key.permissions.includes(name));
        requireHeld(by, added);
        await this.parts.store.replaceGrants(manager, key.id, grants);
        described['grants'] = { before: grantNames(key.grants), after: grantNames(grants) };
      }
      if (Object.keys(described).length > 0) await this.parts.store.update(manager, key.id, differing);
      return described;
    });
  }

  /** Switches a key on or off; doing it twice changes nothing. Errors: NOT_FOUND, KEY_REVOKED. */
  setEnabled(by: Principal, id: string, enabled: boolean): Promise<KeyChange> {
    return this.change(by, id, enabled ? 'apiKey.enable' : 'apiKey.disable', async (manager, key) => {
      if (key.enabled === enabled) return undefined;
      if (widens(key, { enabled })) requireHeld(by, key.permissions);
      await this.parts.store.update(manager, id, { enabled });
      return describeChanges(key, { enabled });
    });
  }

  /** Protects a key from being revoked, or lifts that. Errors: NOT_FOUND, KEY_REVOKED. */
  setLocked(by: Principal, id: string, locked: boolean): Promise<KeyChange> {
    return this.change(by, id, locked ? 'apiKey.lock' : 'apiKey.unlock', async (manager, key) => {
      if (key.locked === locked) return undefined;
      await this.parts.store.update(manager, id, { locked });
      return describeChanges(key, { locked });
    });
  }

  /** Moves or clears the expiry. Errors: NOT_FOUND, KEY_REVOKED, BAD_USER_INPUT. */
  extend(by: Principal, id: string, expiresAt: Date | null): Promise<KeyChange> {
    return this.update(by, { id, expiresAt });
  }

  /**
   * Puts a new secret on the same record; the old one works for `overlapSeconds` more (0 to 30 days). Of regenerates that
   * run at the same time one wins, the others answer CONFLICT. Errors: NOT_FOUND, KEY_REVOKED, GRANT_NOT_HELD, CONFLICT.
   */
  async regenerate(
    by: Principal,
    id: string,
    overlapSeconds: number,
    idempotency?: string | null,
  ): Promise<IssuedKey> {
    const { store, clock } = this.parts;
    const check = new InputCheck(clock.now());
    if (overlapSeconds < 0 || overlapSeconds > MAX_OVERLAP_SECONDS) {
      check.refuse('overlapSeconds', 'An overlap is 0 seconds to 30 days.');
    }
    const idempotencyKey = check.line('idempotencyKey', idempotency, 200);
    check.finish();
    const seen = await this.existing(id);
    requireHeld(by, seen.permissions);
    await setTimeout(SIMULTANEOUS_MS);
    const token = mintToken(this.parts.brand, seen.environment);
    return this.issue(by, token.token, async (manager) => {
      await this.once(manager, by, 'regenerate', idempotencyKey, id);
      const key = refuseRevoked(await store.lock(manager, id));
      if (key.secretVersion !== seen.secretVersion) {
        throw new AppError(
          'CONFLICT',
          'This key was regenerated at the same moment. Look at it again first.',
        );
      }
      // Asked again of the key as it is now: its grants may have grown meanwhile.
      requireHeld(by, key.permissions);
      const overlapEndsAt = overlapSeconds === 0 ? null : new Date(clock.now() + overlapSeconds * 1000);
      await store.replaceSecret(manager, id, token, overlapEndsAt);
      const changes = {
        secretVersion: { before: key.secretVersion, after: key.secretVersion + 1 },
        overlapEndsAt: {
          before: key.overlapEndsAt?.toISOString() ?? null,
          after: overlapEndsAt?.toISOString() ?? null,
        },
      };
      return { id, name: key.name, action: 'apiKey.regenerate', changes };
    });
  }

  /** Ends an overlap now: the old secret stops working. Errors: NOT_FOUND, KEY_REVOKED. */
  endOverlap(by: Principal, id: string): Promise<KeyChange> {
    return this.change(by, id, 'apiKey.endOverlap', async (manager, key) => {
      if (!key.overlapEndsAt) return undefined;
      await this.parts.store.endOverlap(manager, id);
      return { overlapEndsAt: { before: key.overlapEndsAt.toISOString(), after: null } };
    });
  }

  /** A new key with the same settings. Errors: NOT_FOUND, KEY_REVOKED, NAME_TAKEN, GRANT_NOT_HELD, BAD_USER_INPUT. */
  async duplicate(by: Principal, id: string, newName: string): Promise<IssuedKey> {
    const { environment } = await this.existing(id);
    const check = new InputCheck(this.parts.clock.now());
    const name = check.name(newName);
    check.finish();
    return this.issueNew(by, 'apiKey.duplicate', environment, null, async (manager) => {
      const key = refuseRevoked(await this.parts.store.lock(manager, id));
      requireHeld(by, key.permissions);
      if (key.status === 'EXPIRED') {
        const message = 'This key has expired; extend it first, or create a key of its own.';
        throw badInput([{ path: 'id', message }]);
      }
      const { description, enabled, rateLimits, allowedCidrs, metadata, expiresAt, grants } = key;
      const settings = { description, enabled, rateLimits, allowedCidrs, metadata, expiresAt, grants };
      const copy: NewKey = { ...settings, name, environment, locked: false };
      return { key: copy, changes: { ...describeNew(copy), duplicateOf: { before: null, after: id } } };
    });
  }

  /** Terminal: the credential is erased. Errors: NOT_FOUND, KEY_REVOKED, KEY_LOCKED. */
  revoke(by: Principal, id: string, reason: string | null | undefined): Promise<KeyChange> {
    const check = new InputCheck(this.parts.clock.now());
    const line = check.line('reason', reason, 200);
    check.finish();
    return this.change(by, id, 'apiKey.revoke', async (manager, key) => {
      if (key.locked) throw new AppError('KEY_LOCKED', 'This key is locked. Unlock it before you revoke it.');
      await this.parts.store.revoke(manager, id, by.actor, line);
      return { revoked: { before: false, after: true }, reason: { before: null, after: line } };
    });
  }

  private async existing(id: string): Promise<ApiKey> {
    const key = isId(ID_PREFIXES.apiKey, id) ? await this.parts.store.find(id) : null;
    return refuseRevoked(key);
  }

  /** One change of one key: lock, apply, audit and commit, then wait until verification has it. */
  private async change(
    by: Principal,
    id: string,
    action: string,
    apply: (manager: EntityManager, key: ApiKey) => Promise<AuditChanges | undefined>,
  ): Promise<KeyChange> {
    if (!isId(ID_PREFIXES.apiKey, id)) throw notFound();
    const { changeToken, apiKey } = await this.parts.dataSource.transaction(async (manager) => {
      const key = refuseRevoked(await this.parts.store.lock(manager, id));
      const changes = await apply(manager, key);
      const changed = changes !== undefined && Object.keys(changes).length > 0;
      const after = changed ? (await this.parts.store.lock(manager, id))! : key;
      if (changed) await this.note(manager, by, { id, name: key.name, action, changes });
      return { changeToken: await currentTransaction(manager), apiKey: after };
    });
    return { apiKey, propagation: await this.parts.propagation.settle(changeToken) };
  }

  private issueNew(
    by: Principal,
    action: string,
    environment: Environment,
    idempotencyKey: string | null,
    make: (manager: EntityManager) => Promise<{ key: NewKey; changes: AuditChanges }>,
  ): Promise<IssuedKey> {
    const id = newId(ID_PREFIXES.apiKey, this.parts.clock.now());
    const token = mintToken(this.parts.brand, environment);
    return this.issue(by, token.token, async (manager) => {
      await this.once(manager, by, 'create', idempotencyKey, id);
      const { key, changes } = await make(manager);
      await this.parts.store.insert(manager, id, key, token, by.actor);
      return { id, name: key.name, action, changes };
    });
  }

  /** Commits what gives a key its secret; the key is read in the same transaction, so that the secret is never lost to a failing read. */
  private async issue(
    by: Principal,
    secret: string,
    apply: (manager: EntityManager) => Promise<Noted>,
  ): Promise<IssuedKey> {
    const { dataSource, store, propagation, publicUrl } = this.parts;
    const { changeToken, apiKey } = await dataSource.transaction(async (manager) => {
      const noted = await apply(manager);
      const key = (await store.lock(manager, noted.id))!;
      await this.note(manager, by, noted);
      return { changeToken: await currentTransaction(manager), apiKey: key };
    });
    return {
      apiKey,
      propagation: await propagation.settle(changeToken),
      secret: issueSecret(publicUrl(), apiKey, secret),
    };
  }

  /** A repeated call makes nothing and returns no secret again. */
  private async once(
    manager: EntityManager,
    by: Principal,
    operation: string,
    idempotencyKey: string | null,
    id: string,
  ): Promise<void> {
    if (idempotencyKey === null) return;
    const before = await this.parts.store.rememberCall(manager, by.actor, operation, idempotencyKey, id);
    if (before !== undefined) {
      throw new AppError(
        'CONFLICT',
        `This call was already carried out for ${before}. Its secret was shown then and is not shown again; regenerate the key if it was lost.`,
      );
    }
  }

  private note(manager: EntityManager, by: Principal, { id, name, action, changes }: Noted): Promise<void> {
    const target = { targetType: 'ApiKey', targetId: id, targetName: name };
    return this.parts.audit.record(manager, { actor: by.actor, action, ...target, ip: by.ip, changes });
  }

  private async grantsOf(request: {
    readonly permissions?: readonly string[] | null;
    readonly grants?: readonly GrantRequest[] | null;
  }): Promise<Grant[] | undefined> {
    const { permissions, grants } = request;
    if (permissions === undefined && grants === undefined) return undefined;
    if (permissions != null && grants != null) {
      throw badInput([{ path: 'permissions', message: 'Give permissions or grants, not both.' }]);
    }
    const catalogue = await this.parts.access.catalogue();
    if (grants != null) return parseGrants(grants, catalogue, 'grants');
    return parseGrants(permissions == null ? [] : [{ permissions }], catalogue, 'permissions');
  }
}

type AuditChanges = ReturnType<typeof describeChanges>;

/** A change as the audit log tells it. */
interface Noted {
  readonly id: string;
  readonly name: string;
  readonly action: string;
  readonly changes: AuditChanges;
}

const pick = (changes: KeyChanges, members: readonly string[]): KeyChanges =>
  Object.fromEntries(Object.entries(changes).filter(([member]) => members.includes(member)));

function refuseRevoked(key: ApiKey | null): ApiKey {
  if (!key) throw notFound();
  if (key.revokedAt) throw new AppError('KEY_REVOKED', 'This key is revoked; a revoked key stays revoked.');
  return key;
}

async function currentTransaction(manager: EntityManager): Promise<string> {
  const [row] = (await manager.query('select pg_current_xact_id()::text as id')) as [{ id: string }];
  return row.id;
}
