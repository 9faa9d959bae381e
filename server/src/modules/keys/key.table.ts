import { EntitySchema } from 'typeorm';
import type { Quota } from '../limits/limit-rules.js';
import type { KeyKind, RateLimit } from './key.js';
import type { SignatureProfile } from '../signatures/signature-profile.js';
import type { Environment } from '@keywright/schema/environment';

/** A row of `api_key`, credential columns included: never leaves the store. */
export interface ApiKeyRow {
  id: string;
  name: string;
  nameFolded: string;
  description: string | null;
  kind: KeyKind;
  signatureProfiles: SignatureProfile[];
  environment: Environment;
  enabled: boolean;
  locked: boolean;
  rateLimits: RateLimit[];
  quotas: Quota[];
  allowedCidrs: string[];
  metadata: object;
  expiresAt: Date | null;
  createdAt: Date;
  createdByKind: string;
  createdById: string | null;
  createdByName: string;
  updatedAt: Date;
  revokedAt: Date | null;
  revokedByKind: string | null;
  revokedById: string | null;
  revokedByName: string | null;
  revokedReason: string | null;
  publicPart: string;
  maskedSecret: string;
  tail: string;
  secretDigest: Buffer | null;
  revokedFingerprint: Buffer | null;
  pepperId: number;
  sealedSecret: Buffer | null;
  secretVersion: number;
  previousPublicPart: string | null;
  previousDigest: Buffer | null;
  previousPepperId: number | null;
  previousSealedSecret: Buffer | null;
  overlapEndsAt: Date | null;
  scopeId: string;
  serviceAccountId: string | null;
  narrowed: boolean;
}

const text = { type: 'text' } as const;
const optionalText = { type: 'text', nullable: true } as const;
const optionalTime = { type: 'timestamptz', nullable: true } as const;

/** Maps {@link ApiKeyRow}; migrations define its indexes, checks and triggers. */
export const ApiKeyTable = new EntitySchema<ApiKeyRow>({
  name: 'api_key',
  columns: {
    id: { ...text, primary: true },
    name: text,
    nameFolded: { ...text, name: 'name_folded' },
    description: optionalText,
    kind: text,
    signatureProfiles: { type: 'text', array: true, name: 'signature_profiles' },
    environment: text,
    enabled: { type: 'boolean' },
    locked: { type: 'boolean' },
    rateLimits: { type: 'jsonb', name: 'rate_limits' },
    quotas: { type: 'jsonb' },
    allowedCidrs: { type: 'text', array: true, name: 'allowed_cidrs' },
    metadata: { type: 'jsonb' },
    expiresAt: { ...optionalTime, name: 'expires_at' },
    createdAt: { type: 'timestamptz', name: 'created_at' },
    createdByKind: { ...text, name: 'created_by_kind' },
    createdById: { ...optionalText, name: 'created_by_id' },
    createdByName: { ...text, name: 'created_by_name' },
    updatedAt: { type: 'timestamptz', name: 'updated_at' },
    revokedAt: { ...optionalTime, name: 'revoked_at' },
    revokedByKind: { ...optionalText, name: 'revoked_by_kind' },
    revokedById: { ...optionalText, name: 'revoked_by_id' },
    revokedByName: { ...optionalText, name: 'revoked_by_name' },
    revokedReason: { ...optionalText, name: 'revoked_reason' },
    publicPart: { ...text, name: 'public_part' },
    maskedSecret: { ...text, name: 'masked_secret' },
    tail: text,
    secretDigest: { type: 'bytea', nullable: true, name: 'secret_digest', select: false },
    revokedFingerprint: { type: 'bytea', nullable: true, name: 'revoked_fingerprint', select: false },
    pepperId: { type: 'integer', name: 'pepper_id' },
    sealedSecret: { type: 'bytea', nullable: true, name: 'sealed_secret', select: false },
    secretVersion: { type: 'integer', name: 'secret_version' },
    previousPublicPart: { ...optionalText, name: 'previous_public_part' },
    previousDigest: { type: 'bytea', nullable: true, name: 'previous_digest', select: false },
    previousPepperId: { type: 'integer', nullable: true, name: 'previous_pepper_id' },
    previousSealedSecret: {
      type: 'bytea',
      nullable: true,
      name: 'previous_sealed_secret',
      select: false,
    },
    overlapEndsAt: { ...optionalTime, name: 'overlap_ends_at' },
    scopeId: { ...text, name: 'scope_id' },
    serviceAccountId: { ...optionalText, name: 'service_account_id' },
    narrowed: { type: 'boolean' },
  },
});

/** A row of `api_key_grant`. */
export interface ApiKeyGrantRow {
  apiKeyId: string;
  position: number;
  scopeId: string;
  roleId: string | null;
  permissions: string[];
}

/** Maps {@link ApiKeyGrantRow}. */
export const ApiKeyGrantTable = new EntitySchema<ApiKeyGrantRow>({
  name: 'api_key_grant',
  columns: {
    apiKeyId: { ...text, primary: true, name: 'api_key_id' },
    position: { type: 'integer', primary: true },
    scopeId: { ...text, name: 'scope_id' },
    roleId: { ...optionalText, name: 'role_id' },
    permissions: { type: 'text', array: true },
  },
});
