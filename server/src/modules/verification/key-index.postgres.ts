import type { Queries } from '../../core/queries.js';
import type { Environment } from '../keys/token.js';
import type { KeyLoader } from './change-source.js';
import type { KeyRecord } from './indexed-key.js';
import { SharedValues } from './shared-values.js';

const CHUNK = 10_000;
/** Changed keys are read in pieces that are answered soon, however many they are. */
const SMALL_CHUNK = 2000;

const SELECT = `
  select k.id, k.name, k.environment, k.enabled, k.revoked_at is not null as revoked,
         (extract(epoch from k.expires_at) * 1000)::float8 as expires_at_ms,
         k.public_part, coalesce(k.secret_digest, k.revoked_fingerprint) as digest, k.pepper_id,
         k.previous_public_part, k.previous_digest,
         coalesce(k.previous_pepper_id, k.pepper_id) as previous_pepper_id,
         (extract(epoch from k.overlap_ends_at) * 1000)::float8 as overlap_ends_at_ms,
         k.rate_limits::text, k.quotas::text, to_json(k.allowed_cidrs)::text as allowed_cidrs, k.metadata::text, k.version::float8,
         k.scope_id, k.service_account_id, k.narrowed, coalesce(g.grants, '[]') as grants
  from api_key k
  left join lateral (
    select json_agg(json_build_object('scopeId', scope_id, 'roleId', role_id, 'permissions', permissions) order by position)::text as grants
    from api_key_grant where api_key_id = k.id
  ) g on true
  where k.kind = 'BEARER'`;

interface Row {
  readonly id: string;
  readonly name: string;
  readonly environment: Environment;
  readonly enabled: boolean;
  readonly revoked: boolean;
  readonly expires_at_ms: number | null;
  readonly public_part: string;
  readonly digest: Buffer;
  readonly pepper_id: number;
  readonly previous_public_part: string | null;
  readonly previous_digest: Buffer | null;
  readonly previous_pepper_id: number;
  readonly overlap_ends_at_ms: number | null;
  readonly rate_limits: string;
  readonly quotas: string;
  readonly allowed_cidrs: string;
  readonly metadata: string;
  readonly version: number;
  readonly scope_id: string;
  readonly service_account_id: string | null;
  readonly narrowed: boolean;
  readonly grants: string;
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

/** Reads keys with their grants for the index. */
export class PostgresKeyLoader implements KeyLoader {
  private readonly shared = new SharedValues();

  /** @param bulk Where everything is loaded from, which takes longer. */
  constructor(
    private readonly queries: Queries,
    private readonly bulk: Queries = queries,
  ) {}

  /** The next chunk is on its way while the caller takes one in. */
  async *loadAll(): AsyncGenerator<readonly KeyRecord[]> {
    let next = this.chunkAfter('');
    for (;;) {
      const rows = await next;
      const more = rows.length === CHUNK;
      if (more) {
        next = this.chunkAfter(rows.at(-1)!.id);
        // It fails where it is waited for.
        next.catch(() => undefined);
      }
      if (rows.length > 0) yield rows.map((row) => this.toRecord(row));
      if (!more) return;
    }
  }

  async load(apiKeyIds: readonly string[]): Promise<readonly KeyRecord[]> {
    const records: KeyRecord[] = [];
    for (let i = 0; i < apiKeyIds.length; i += SMALL_CHUNK) {
      const ids = apiKeyIds.slice(i, i + SMALL_CHUNK);
      const rows = await this.queries.query<Row>(`${SELECT} and k.id = any($1::text[])`, [ids]);
      for (const row of rows) records.push(this.toRecord(row));
    }
    return records;
  }

  private chunkAfter(id: string): Promise<Row[]> {
    return this.bulk.query<Row>(`${SELECT} and k.id > $1 order by k.id limit ${CHUNK}`, [id]);
  }

  private toRecord(row: Row): KeyRecord {
    const { shared } = this;
    return {
      id: row.id,
      name: row.name,
      environment: shared.text(row.environment),
      enabled: row.enabled,
      revoked: row.revoked,
      expiresAtMs: row.expires_at_ms,
      publicPart: row.public_part,
      digest: row.digest.toString('latin1'),
      pepperId: row.pepper_id,
      previous: previousOf(row),
      limits: shared.json(`{"windows":${row.rate_limits},"quotas":${row.quotas}}`),
      allowedCidrs: shared.json(row.allowed_cidrs),
      metadata: shared.json(row.metadata),
      scopeId: shared.text(row.scope_id),
      serviceAccountId: row.service_account_id && shared.text(row.service_account_id),
      narrowed: row.narrowed,
      grants: shared.json(row.grants),
      version: row.version,
    };
  }
}
