import type { DataSource } from 'typeorm';
import type { StoredGrant } from '../access/directory.js';
import type { Environment } from '../keys/token.js';
import type { LimitWindow } from '../limits/sliding-window.js';
import type { KeyLoader } from './change-source.js';
import type { KeyRecord } from './indexed-key.js';

const CHUNK = 10_000;

const SELECT = `
  select k.id, k.name, k.environment, k.enabled, k.revoked_at is not null as revoked,
         (extract(epoch from k.expires_at) * 1000)::float8 as expires_at_ms,
         k.public_part, coalesce(k.secret_digest, k.revoked_fingerprint) as digest, k.pepper_id,
         k.previous_public_part, k.previous_digest,
         coalesce(k.previous_pepper_id, k.pepper_id) as previous_pepper_id,
         (extract(epoch from k.overlap_ends_at) * 1000)::float8 as overlap_ends_at_ms,
         k.rate_limits, k.allowed_cidrs, k.metadata, k.masked_secret, k.version, k.scope_id, k.service_account_id, k.narrowed,
         coalesce(g.grants, '[]') as grants
  from api_key k
  left join lateral (
    select json_agg(json_build_object('scopeId', scope_id, 'roleId', role_id, 'permissions', permissions) order by position) as grants
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
  readonly rate_limits: LimitWindow[];
  readonly allowed_cidrs: string[];
  readonly metadata: Record<string, unknown>;
  readonly masked_secret: string;
  readonly version: number;
  readonly scope_id: string;
  readonly service_account_id: string | null;
  readonly narrowed: boolean;
  readonly grants: StoredGrant[];
}

const toRecord = (row: Row): KeyRecord => ({
  id: row.id,
  name: row.name,
  environment: row.environment,
  enabled: row.enabled,
  revoked: row.revoked,
  expiresAtMs: row.expires_at_ms,
  publicPart: row.public_part,
  digest: row.digest,
  pepperId: row.pepper_id,
  previous:
    row.previous_public_part === null || row.previous_digest === null || row.overlap_ends_at_ms === null
      ? null
      : {
          publicPart: row.previous_public_part,
          digest: row.previous_digest,
          pepperId: row.previous_pepper_id,
          endsAtMs: row.overlap_ends_at_ms,
        },
  rateLimits: row.rate_limits,
  allowedCidrs: row.allowed_cidrs,
  metadata: row.metadata,
  scopeId: row.scope_id,
  serviceAccountId: row.service_account_id,
  narrowed: row.narrowed,
  grants: row.grants,
  maskedSecret: row.masked_secret,
  version: Number(row.version),
});

/** Reads keys with their grants for the index. */
export class PostgresKeyLoader implements KeyLoader {
  constructor(private readonly dataSource: DataSource) {}

  async *loadAll(): AsyncGenerator<readonly KeyRecord[]> {
    let after = '';
    for (;;) {
      const rows: Row[] = await this.dataSource.query(
        `${SELECT} and k.id > $1 order by k.id limit ${CHUNK}`,
        [after],
      );
      if (rows.length > 0) yield rows.map(toRecord);
      if (rows.length < CHUNK) return;
      after = rows.at(-1)!.id;
    }
  }

  async load(apiKeyIds: readonly string[]): Promise<readonly KeyRecord[]> {
    const rows: Row[] = await this.dataSource.query(`${SELECT} and k.id = any($1::text[])`, [apiKeyIds]);
    return rows.map(toRecord);
  }
}
