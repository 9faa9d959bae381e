import type { Propagation } from '../../core/propagation.js';
import type { Quota } from '../limits/limit-rules.js';
import type { SignatureProfile } from '../signatures/signature-profile.js';
import type { IssuedSecret } from './issued-secret.js';
import type { GrantsRequest, HomeRequest } from './key-grants.js';
import type { ApiKey, KeyKind, RateLimit } from './key.js';
import type { Environment } from '@keywright/schema/environment';

/** The request to create a key. */
export interface CreateKeyRequest extends HomeRequest {
  readonly name: string;
  readonly description?: string | null;
  readonly kind: KeyKind;
  readonly signatureProfiles?: readonly SignatureProfile[] | null;
  readonly environment: Environment;
  readonly expiresAt?: Date | null;
  readonly expiresOn?: string | null;
  readonly enabled: boolean;
  readonly locked: boolean;
  readonly rateLimits?: readonly RateLimit[] | null;
  readonly quotas?: readonly Quota[] | null;
  readonly allowedCidrs?: readonly string[] | null;
  readonly metadata?: unknown;
  readonly idempotencyKey?: string | null;
}

/** The request to update a key: absent members are unchanged; null clears where that is meaningful. */
export interface UpdateKeyRequest extends GrantsRequest {
  readonly id: string;
  readonly name?: string | null;
  readonly description?: string | null;
  readonly expiresAt?: Date | null;
  readonly expiresOn?: string | null;
  readonly enabled?: boolean | null;
  readonly locked?: boolean | null;
  readonly signatureProfiles?: readonly SignatureProfile[] | null;
  readonly rateLimits?: readonly RateLimit[] | null;
  readonly quotas?: readonly Quota[] | null;
  readonly allowedCidrs?: readonly string[] | null;
  readonly metadata?: unknown;
}

/** A key after a change, and how far the change has propagated. */
export interface KeyChange {
  readonly apiKey: ApiKey;
  readonly propagation: Propagation;
}

/** A key with a secret that is shown once. */
export interface IssuedKey extends KeyChange {
  readonly secret: IssuedSecret;
}
