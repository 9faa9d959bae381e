import { QueryFailedError, type DataSource } from 'typeorm';
import { managerOf } from '../../core/transaction.postgres.js';
import type { Transaction } from '../../core/transaction.js';
import type { Clock } from '../../core/clock.js';
import { AppError } from '../../core/errors.js';
import { encodeCursor, parsePage, toPage, type Page, type PageArgs } from '../../core/page.js';
import type { SecretBox } from '../../core/secret-box.js';
import { fold } from '../../core/text.js';
import type { Actor } from '../access/decide/actor.js';
import type { Reach } from '../access/decide/access-set.js';
import type { Directory, StoredGrant } from '../access/decide/directory.js';
import type { ApiKey } from './key.js';
import {
  countedFrom,
  countOf,
  countsSql,
  FOLD_TALLIES,
  isTallied,
  tallySql,
  toCounts,
  type Tally,
} from './key-counts.postgres.js';
import { filterSql, SORT_COLUMNS, type TokenMatcher } from './key-filter.postgres.js';
import type { KeyCounts, KeyFilter, KeySort } from './key-filter.js';
import { SELECT_KEY, toKey, type KeyQueryRow } from './key-query.postgres.js';
import { aboutSigningSecret, type NewSecret } from './key-secret.js';
import { requireCursor } from './key-cursor.js';
import type { KeyChanges, KeyStore, NewKey } from './key-store.js';
import { ApiKeyGrantTable, ApiKeyTable, type ApiKeyRow } from './key.table.js';
import { currentDigest, readPastedToken, type TokenKeys } from './token-digests.postgres.js';
import { maskToken, tokenTail } from '@keywright/schema/mask-token';

/** Translates a constraint violation by the name of the constraint. */
function translate(error: unknown): unknown {
  if (error instanceof QueryFailedError) {
    const { constraint } = error.driverError as { constraint?: string };
    if (constraint === 'api_key_name_unique') {
      return new AppError('NAME_TAKEN', 'Another key already has this name. Choose a different one.', {
        fields: [{ path: 'name', message: 'Another key already has this name.' }],
        cause: error,
      });
    }
    if (constraint === 'api_key_revoked_is_terminal') {
      return new AppError(
        'KEY_REVOKED',
        'This key is revoked and cannot be changed. Create a new key instead.',
        {
          cause: error,
        },
      );
    }
    if (constraint?.endsWith('_fkey')) {
      return new AppError('CONFLICT', 'A scope, role or service account in this request was just deleted.', {
        cause: error,
      });
    }
  }
  return error;
}

/** Stores keys in PostgreSQL. */
export class PostgresKeyStore implements KeyStore {
  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly tokens: TokenKeys,
    /** Seals signing secrets. */
    private readonly box: Pick<SecretBox, 'seal'>,
    private readonly directory: Directory,
  ) {}

  async find(id: string, tx?: Transaction): Promise<ApiKey | null> {
    if (!tx) return (await this.findMany([id]))[0] ?? null;
    return this.toKeys(await managerOf(tx).query(`${SELECT_KEY} where k.id = $1`, [id]))[0] ?? null;
  }

  async findMany(ids: readonly string[]): Promise<ApiKey[]> {
    const rows: KeyQueryRow[] = await this.dataSource.query(`${SELECT_KEY} where k.id = any($1)`, [ids]);
    return this.toKeys(rows);
  }

  async list(filter: KeyFilter, sort: KeySort, args: PageArgs, reach: Reach): Promise<Page<ApiKey>> {
    const list = `keys ${sort.field} ${sort.direction}`;
    const page = parsePage(args, list, 2);
    const column = SORT_COLUMNS[sort.field];
    const conditions = filterSql(filter, this.clock.now(), await this.matcher(filter), reach);
    const ascending = (sort.direction === 'ASC') !== page.backwards;
    if (page.cursor) {
      requireCursor(page, column.type);
      const [value, id] = page.cursor.map((part) => conditions.value(part));
      conditions.add(
        `(${column.sql}, ${column.id}) ${ascending ? '>' : '<'} (${value}::${column.type}, ${id})`,
      );
    }
    const direction = ascending ? 'asc' : 'desc';
    const rows = (await this.dataSource.query(
      `${SELECT_KEY.replace('select', `select (${column.sql})::text as cursor,`)} where ${conditions.sql}
       order by ${column.sql} ${direction}, ${column.id} ${direction} limit ${page.limit + 1}`,
      conditions.parameters,
    )) as (KeyQueryRow & { cursor: string })[];
    const cursors = new Map(rows.map((row) => [row.id, encodeCursor(list, [row.cursor, row.id])]));
    return toPage(page, this.toKeys(rows), (key) => cursors.get(key.id)!);
  }

  async count(filter: KeyFilter, reach: Reach): Promise<number> {
    const nowMs = this.clock.now();
    if (isTallied(filter, reach)) return countOf(await this.tally(filter, nowMs), filter.status);
    const conditions = filterSql(filter, nowMs, await this.matcher(filter), reach);
    const [row] = (await this.dataSource.query(
      `select count(*) as count from ${countedFrom(conditions)} where ${conditions.sql}`,
      conditions.parameters,
    )) as [{ count: number }];
    return row.count;
  }

  async counts(filter: KeyFilter, reach: Reach): Promise<KeyCounts> {
    const nowMs = this.clock.now();
    if (isTallied(filter, reach)) return this.tally(filter, nowMs);
    const conditions = filterSql(filter, nowMs, await this.matcher(filter), reach, false);
    const [counts] = (await this.dataSource.query(
      `select ${countsSql(conditions, nowMs)} from ${countedFrom(conditions)} where ${conditions.sql}`,
      conditions.parameters,
    )) as [KeyCounts];
    return counts;
  }

  private async matcher({ search }: KeyFilter): Promise<TokenMatcher> {
    const { brand } = this.tokens;
    return { brand, pasted: await readPastedToken(this.dataSource, this.tokens, search) };
  }

  private toKeys(rows: readonly KeyQueryRow[]): ApiKey[] {
    const nowMs = this.clock.now();
    return rows.map((row) => toKey(row, nowMs, this.directory));
  }

  private async tally(filter: KeyFilter, nowMs: number): Promise<KeyCounts> {
    const { sql, parameters } = tallySql(filter, nowMs);
    const [tally] = (await this.dataSource.query(sql, parameters)) as [Tally];
    return toCounts(tally);
  }

  async lock(tx: Transaction, id: string): Promise<ApiKey | null> {
    await managerOf(tx).query('select 1 from api_key where id = $1 for update', [id]);
    return this.find(id, tx);
  }

  async insert(tx: Transaction, id: string, key: NewKey, secret: NewSecret, by: Actor): Promise<void> {
    const { grants, ...settings } = key;
    const now = new Date(this.clock.now());
    try {
      await managerOf(tx).insert(ApiKeyTable, {
        ...(settings as Omit<NewKey, 'grants'> & object),
        rateLimits: [...settings.rateLimits],
        quotas: [...settings.quotas],
        allowedCidrs: [...settings.allowedCidrs],
        id,
        nameFolded: fold(key.name),
        signatureProfiles: [...settings.signatureProfiles],
        createdAt: now,
        createdByKind: by.kind,
        createdById: by.id,
        createdByName: by.name,
        updatedAt: now,
        ...this.credential(id, 1, secret),
        secretVersion: 1,
      });
    } catch (error) {
      throw translate(error);
    }
    await this.insertGrants(tx, id, grants);
    await managerOf(tx).query('insert into api_key_usage (api_key_id) values ($1)', [id]);
  }

  async update(tx: Transaction, id: string, changes: KeyChanges): Promise<void> {
    const name = changes.name === undefined ? {} : { nameFolded: fold(changes.name) };
    try {
      await managerOf(tx).update(ApiKeyTable, id, {
        ...(changes as object),
        ...name,
        updatedAt: new Date(this.clock.now()),
      });
    } catch (error) {
      throw translate(error);
    }
  }

  async switchWithUser(tx: Transaction, id: string, userId: string, enabled: boolean): Promise<void> {
    await managerOf(tx).query('select 1 from app_user where id = $1 for share', [userId]);
    const [, switched]: [unknown, number] = await managerOf(tx).query(
      enabled
        ? `update api_key k set enabled = true, disabled_with_user = null, disabling = null, updated_at = $3
           from app_user a where k.id = $1 and a.id = $2 and a.enabled and not k.enabled
             and k.disabled_with_user = a.id and k.disabling = a.disablings`
        : `update api_key k set enabled = false, disabled_with_user = a.id, disabling = a.disablings, updated_at = $3
           from app_user a where k.id = $1 and a.id = $2 and not a.enabled and k.enabled and k.created_by_id = a.id`,
      [id, userId, new Date(this.clock.now())],
    );
    if (switched === 0) {
      throw new AppError(
        'CONFLICT',
        'This key or its creator was enabled or disabled in the meantime. Try again.',
      );
    }
  }

  async keepDisabled(tx: Transaction, id: string): Promise<void> {
    await managerOf(tx).query(
      'update api_key set disabled_with_user = null, disabling = null where id = $1',
      [id],
    );
  }

  async replaceGrants(tx: Transaction, id: string, grants: readonly StoredGrant[]): Promise<void> {
    await managerOf(tx).delete(ApiKeyGrantTable, { apiKeyId: id });
    await this.insertGrants(tx, id, grants);
  }

  async replaceSecret(
    tx: Transaction,
    { id, secretVersion }: Pick<ApiKey, 'id' | 'secretVersion'>,
    secret: NewSecret,
    overlapEndsAt: Date | null,
  ): Promise<void> {
    const { publicPart, maskedSecret, tail, secretDigest, pepperId, sealedSecret } = this.credential(
      id,
      secretVersion + 1,
      secret,
    );
    const keep = overlapEndsAt !== null;
    // A SIGNED key is found by its id, whichever secret it has.
    const keepPart = keep && secret.kind === 'BEARER';
    const now = new Date(this.clock.now());
    await managerOf(tx).query(
      `update api_key set previous_public_part = ${keepPart ? 'public_part' : 'null'},
         previous_digest = ${keep ? 'secret_digest' : 'null'},
         previous_pepper_id = ${keepPart ? 'pepper_id' : 'null'},
         previous_sealed_secret = ${keep ? 'sealed_secret' : 'null'}, overlap_ends_at = $2, public_part = $3,
         masked_secret = $4, tail = $5, secret_digest = $6, pepper_id = $7, updated_at = $8, sealed_secret = $9,
         secret_version = secret_version + 1
       where id = $1`,
      [id, overlapEndsAt, publicPart, maskedSecret, tail, secretDigest, pepperId, now, sealedSecret],
    );
    await managerOf(tx).query(
      'update api_key_usage set previous_secret_last_used_at = null where api_key_id = $1',
      [id],
    );
  }

  async endOverlap(tx: Transaction, id: string): Promise<void> {
    await managerOf(tx).update(ApiKeyTable, id, {
      previousPublicPart: null,
      previousDigest: null,
      previousPepperId: null,
      previousSealedSecret: null,
      overlapEndsAt: null,
      updatedAt: new Date(this.clock.now()),
    });
  }

  async revoke(tx: Transaction, id: string, by: Actor, reason: string | null): Promise<void> {
    await managerOf(tx).query(
      `update api_key set revoked_at = $2, revoked_by_kind = $3, revoked_by_id = $4, revoked_by_name = $5,
         revoked_reason = $6, updated_at = $2, revoked_fingerprint = substring(secret_digest from 1 for 16),
         secret_digest = null, previous_public_part = null, previous_digest = null, previous_pepper_id = null,
         sealed_secret = null, previous_sealed_secret = null, overlap_ends_at = null
       where id = $1`,
      [id, new Date(this.clock.now()), by.kind, by.id, by.name, reason],
    );
  }

  async rememberCall(
    tx: Transaction,
    actor: Actor,
    operation: string,
    idempotencyKey: string,
    apiKeyId: string,
  ): Promise<string | undefined> {
    const call = [actor.id ?? '', operation, idempotencyKey];
    const inserted: unknown[] = await managerOf(tx).query(
      `insert into idempotent_call (actor_id, operation, idempotency_key, api_key_id, at)
       values ($1, $2, $3, $4, $5)
       on conflict (actor_id, operation, idempotency_key) do nothing returning 1`,
      [...call, apiKeyId, new Date(this.clock.now())],
    );
    if (inserted.length === 1) return undefined;
    const [before] = (await managerOf(tx).query(
      `select api_key_id as id from idempotent_call
       where actor_id = $1 and operation = $2 and idempotency_key = $3`,
      call,
    )) as [{ id: string }];
    return before.id;
  }

  async tidy(callsBefore: Date): Promise<void> {
    await this.dataSource.query('delete from idempotent_call where at < $1', [callsBefore]);
    await this.dataSource.query(
      `update api_key
       set previous_public_part = null, previous_digest = null, previous_pepper_id = null,
         previous_sealed_secret = null, overlap_ends_at = null
       where overlap_ends_at < $1 and revoked_at is null`,
      [new Date(this.clock.now())],
    );
    for (const sql of FOLD_TALLIES) await this.dataSource.query(sql);
  }

  /** What is stored of a secret. */
  private credential(
    id: string,
    secretVersion: number,
    secret: NewSecret,
  ): Pick<ApiKeyRow, 'publicPart' | 'maskedSecret' | 'tail' | 'secretDigest' | 'pepperId' | 'sealedSecret'> {
    const shown = { maskedSecret: maskToken(secret.text), tail: tokenTail(secret.text) };
    if (secret.kind === 'SIGNED') {
      const sealedSecret = this.box.seal(
        Buffer.from(secret.text, 'utf8'),
        aboutSigningSecret(id, secretVersion),
      );
      const { pepperId } = this.tokens.ids;
      return { ...shown, publicPart: id, secretDigest: null, pepperId, sealedSecret };
    }
    const { digest, pepperId } = currentDigest(this.tokens, secret.text);
    return { ...shown, publicPart: secret.publicPart, secretDigest: digest, pepperId, sealedSecret: null };
  }

  private async insertGrants(tx: Transaction, id: string, grants: readonly StoredGrant[]): Promise<void> {
    if (grants.length === 0) return;
    const rows = grants.map(({ scopeId, roleId, permissions }, position) => ({
      apiKeyId: id,
      position,
      scopeId,
      roleId,
      permissions: [...permissions],
    }));
    await managerOf(tx)
      .insert(ApiKeyGrantTable, rows)
      .catch((error: unknown) => {
        throw translate(error);
      });
  }
}
