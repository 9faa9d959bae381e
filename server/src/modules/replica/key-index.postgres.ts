import type { Queries } from '../../core/queries.js';
import type { StoredGrant } from '../access/decide/directory.js';
import type { Environment } from '@keywright/schema/environment';
import type { KeyLoader } from './change-source.js';
import type { Excess, KeyRecord, KeyTraits } from './indexed-key.js';
import { narrow, type Restriction } from './holds/restriction.js';
import { SharedValues } from './shared-values.js';

/** Keys per query: small enough for a quick answer and to be garbage-collected early. */
const CHUNK = 2000;

/**
 * Separators between the parts of {@link TRAITS}, between grants, and between the parts of a grant; no part contains
 * one.
 */
const SEPARATORS = { part: '\x1f', grant: '\x1e', inGrant: '\x1d' } as const;

/** The traits that many keys share, as one string, which is parsed once however many keys have it. */
const TRAITS = `concat_ws(E'\\x1f', k.environment, k.enabled, k.revoked_at is not null, k.pepper_id, k.rate_limits, k.quotas,
  to_json(k.allowed_cidrs), k.metadata, to_json(k.signature_profiles), k.scope_id, coalesce(k.service_account_id, ''), k.narrowed, coalesce((
    select string_agg(concat_ws(E'\\x1d', scope_id, coalesce(role_id, ''), to_json(permissions)), E'\\x1e' order by position)
    from api_key_grant where api_key_id = k.id), ''))`;

const SELECT = `
  select k.id, k.name, k.public_part, coalesce(k.secret_digest, k.revoked_fingerprint) as digest,
         k.sealed_secret, k.previous_sealed_secret, k.secret_version, k.version::float8,
         (extract(epoch from k.expires_at) * 1000)::float8 as expires_at_ms,
         k.previous_public_part, k.previous_digest, coalesce(k.previous_pepper_id, k.pepper_id) as previous_pepper_id,
         (extract(epoch from k.overlap_ends_at) * 1000)::float8 as overlap_ends_at_ms, ${TRAITS} as traits,
         (select json_agg(json_build_object('to', restriction, 'excess', excess) order by id) from key_hold where api_key_id = k.id and settled_at is null) as holds
  from api_key k`;

interface Row {
  readonly id: string;
  readonly name: string;
  readonly public_part: string;
  readonly digest: Buffer | null;
  readonly sealed_secret: Buffer | null;
  readonly previous_sealed_secret: Buffer | null;
  readonly secret_version: number;
  readonly version: number;
  readonly expires_at_ms: number | null;
  readonly previous_public_part: string | null;
  readonly previous_digest: Buffer | null;
  readonly previous_pepper_id: number;
  readonly overlap_ends_at_ms: number | null;
  readonly traits: string;
  /** The restrictions of the key, where the database lost a change that restricted it. */
  readonly holds: readonly { readonly to: Restriction; readonly excess: readonly Excess[] }[] | null;
}

const previousOf = (row: Row): KeyRecord['previous'] =>
  row.previous_public_part === null || row.previous_digest === null || row.overlap_ends_at_ms === null
    ? null
    : {
        publicPart: row.previous_public_part,
        digest: row.previous_digest.toString('latin1'),
        pepperId: row.previous_pepper_id,
        endsAtMs: row.overlap_ends_at_ms,
      };

const signingOf = (row: Row): KeyRecord['signing'] =>
  row.sealed_secret && {
    secret: { sealed: row.sealed_secret, version: row.secret_version },
    previous:
      row.previous_sealed_secret === null || row.overlap_ends_at_ms === null
        ? null
        : {
            sealed: row.previous_sealed_secret,
            version: row.secret_version - 1,
            endsAtMs: row.overlap_ends_at_ms,
          },
  };

const parseGrants = (text: string): readonly StoredGrant[] =>
  text === ''
    ? []
    : text.split(SEPARATORS.grant).map((grant) => {
        const [scopeId = '', roleId, permissions = '[]'] = grant.split(SEPARATORS.inGrant);
        return { scopeId, roleId: roleId || null, permissions: JSON.parse(permissions) as string[] };
      });

/**
 * One of the two ends that keys are loaded from; the next chunk is fetched while the caller processes the current
 * one.
 */
class End {
  /** The last key read; undefined at the beginning. */
  at: string | undefined;
  next: Promise<{ readonly end: End; readonly rows: readonly Row[] }>;

  constructor(
    private readonly queries: Queries,
    private readonly order: 'asc' | 'desc',
  ) {
    this.next = this.read();
  }

  /** Takes the result of {@link next} and fetches the next chunk unless it was the last. */
  take(rows: readonly Row[]): boolean {
    if (rows.length < CHUNK) return false;
    this.at = rows.at(-1)!.id;
    this.next = this.read();
    return true;
  }

  private read(): typeof this.next {
    const beyond = this.at === undefined ? '' : `where k.id ${this.order === 'asc' ? '>' : '<'} $1`;
    const text = `${SELECT} ${beyond} order by k.id ${this.order} limit ${CHUNK}`;
    const next = this.queries
      .query<Row>(text, this.at === undefined ? [] : [this.at])
      .then((rows) => ({ end: this, rows }));
    // The error surfaces where the promise is awaited, or nobody needs the chunk any more.
    next.catch(() => undefined);
    return next;
  }
}

/** Reads keys with their grants for the index. */
export class PostgresKeyLoader implements KeyLoader {
  private readonly shared = new SharedValues();

  /** @param bulk Two connections for the full load, which takes longer. */
  constructor(
    private readonly queries: Queries,
    private readonly bulk: readonly [Queries, Queries] = [queries, queries],
  ) {}

  /** Loads from both ends in parallel until they meet, so that the database is never idle. */
  async *loadAll(): AsyncGenerator<readonly KeyRecord[]> {
    const ends = [new End(this.bulk[0], 'asc'), new End(this.bulk[1], 'desc')] as const;
    const [first, last] = ends;
    for (;;) {
      const { end, rows } = await Promise.race(ends.map((each) => each.next)).catch(
        async (error: unknown) => {
          // A retry must not queue after queries that are still running.
          await Promise.allSettled(ends.map((each) => each.next));
          throw error;
        },
      );
      const more = end.take(rows);
      if (rows.length > 0) yield rows.map((row) => this.toRecord(row));
      if (!more || (first.at !== undefined && last.at !== undefined && first.at >= last.at)) return;
    }
  }

  async load(apiKeyIds: readonly string[]): Promise<readonly KeyRecord[]> {
    const records: KeyRecord[] = [];
    for (let i = 0; i < apiKeyIds.length; i += CHUNK) {
      const ids = apiKeyIds.slice(i, i + CHUNK);
      const rows = await this.queries.query<Row>(`${SELECT} where k.id = any($1::text[])`, [ids]);
      for (const row of rows) records.push(this.toRecord(row));
    }
    return records;
  }

  private toRecord(row: Row): KeyRecord {
    const record = this.storedRecord(row);
    if (row.holds === null) return record;
    const held = row.holds.flatMap(({ excess }) => excess);
    return { ...row.holds.reduce((narrowed, { to }) => narrow(narrowed, to), record), held };
  }

  private storedRecord(row: Row): KeyRecord {
    return {
      id: row.id,
      name: row.name,
      expiresAtMs: row.expires_at_ms,
      publicPart: row.public_part,
      digest: row.digest === null ? '' : row.digest.toString('latin1'),
      previous: previousOf(row),
      signing: signingOf(row),
      version: row.version,
      traits: this.shared.value(row.traits, (text) => this.parseTraits(text)),
    };
  }

  /** Keys that differ in one trait still share the others. */
  private parseTraits(traits: string): KeyTraits {
    const { shared } = this;
    const [
      environment = '',
      enabled,
      revoked,
      pepperId,
      windows,
      quotas,
      cidrs = '[]',
      metadata = '{}',
      profiles = '[]',
      scopeId = '',
      serviceAccountId = '',
      narrowed,
      grants = '',
    ] = traits.split(SEPARATORS.part);
    const json = <T>(text: string): T => shared.value(text, (same) => JSON.parse(same) as T);
    const text = (same: string): string => shared.value(same, () => same);
    return {
      environment: text(environment) as Environment,
      enabled: enabled === 't',
      revoked: revoked === 't',
      pepperId: Number(pepperId),
      limits: json(`{"windows":${windows},"quotas":${quotas}}`),
      allowedCidrs: json(cidrs),
      metadata: json(metadata),
      signatureProfiles: json(profiles),
      scopeId: text(scopeId),
      serviceAccountId: serviceAccountId === '' ? null : text(serviceAccountId),
      narrowed: narrowed === 't',
      grants: shared.value(`grants ${grants}`, () => parseGrants(grants)),
    };
  }
}
