import type { Actor } from '../access/decide/actor.js';
import type { Directory } from '../access/decide/directory.js';
import { keyAccess } from '../access/decide/key-access.js';
import { statusOf, type ApiKey } from './key.js';

/** The row that {@link SELECT_KEY} reads: a key with its grants and running totals, and no credential. */
export interface KeyQueryRow extends Omit<
  ApiKey,
  'createdBy' | 'revokedBy' | 'status' | 'inactiveReason' | 'access' | 'permissions'
> {
  readonly createdByKind: Actor['kind'];
  readonly createdById: string | null;
  readonly createdByName: string;
  readonly revokedByKind: Actor['kind'] | null;
  readonly revokedById: string | null;
  readonly revokedByName: string | null;
}

const GRANTS = `(select coalesce(json_agg(json_build_object('scopeId', g.scope_id, 'roleId', g.role_id,
    'permissions', g.permissions) order by g.position), '[]')
  from api_key_grant g where g.api_key_id = k.id)`;

/** Reads keys from `api_key k` joined with `api_key_usage u`, in one round trip. */
export const SELECT_KEY = `select k.id, k.name, k.description, k.kind, k.signature_profiles as "signatureProfiles",
  k.environment, k.enabled, k.locked, k.masked_secret as "maskedSecret", k.rate_limits as "rateLimits", k.quotas,
  k.allowed_cidrs as "allowedCidrs", k.metadata, k.expires_at as "expiresAt", k.created_at as "createdAt",
  k.created_by_kind as "createdByKind", k.created_by_id as "createdById", k.created_by_name as "createdByName",
  k.updated_at as "updatedAt", k.revoked_at as "revokedAt", k.revoked_by_kind as "revokedByKind",
  k.revoked_by_id as "revokedById", k.revoked_by_name as "revokedByName", k.revoked_reason as "revokedReason",
  k.overlap_ends_at as "overlapEndsAt", k.secret_version as "secretVersion", k.edit_version as "version",
  k.disabled_with_user as "disabledWithUserId", u.last_used_at as "lastUsedAt",
  u.total as "usageTotal", k.scope_id as "scopeId", k.service_account_id as "serviceAccountId", k.narrowed,
  u.previous_secret_last_used_at as "previousSecretLastUsedAt", ${GRANTS} as grants
  from api_key k join api_key_usage u on u.api_key_id = k.id`;

/** Converts a row to a key with its derived members; an overlap that has ended counts as none. */
export function toKey(row: KeyQueryRow, nowMs: number, directory: Directory): ApiKey {
  const access = keyAccess(directory, row);
  const suspension = row.serviceAccountId === null ? null : directory.suspensionOf(row.serviceAccountId);
  const status = statusOf(row, suspension, nowMs);
  return {
    ...row,
    status,
    inactiveReason: status !== 'INACTIVE' ? null : row.enabled ? suspension : 'DISABLED',
    access,
    permissions: access.anywhere.list(),
    overlapEndsAt: row.overlapEndsAt && row.overlapEndsAt.getTime() > nowMs ? row.overlapEndsAt : null,
    createdBy: { kind: row.createdByKind, id: row.createdById, name: row.createdByName },
    revokedBy: row.revokedByKind && {
      kind: row.revokedByKind,
      id: row.revokedById,
      name: row.revokedByName ?? '',
    },
  };
}
