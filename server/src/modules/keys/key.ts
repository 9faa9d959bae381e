import type { Actor } from '../access/decide/actor.js';
import type { AccessSet } from '../access/decide/access-set.js';
import type { KeyGrants } from '../access/decide/key-access.js';
import type { Json } from '../scalars/json.js';
import type { Quota } from '../limits/limit-rules.js';
import type { SignatureProfile } from '../signatures/signature-profile.js';
import type { Environment } from '@keywright/schema/environment';
import { keyStatusOf, type KeyStatus } from '@keywright/schema/lifecycle';

/** BEARER: the secret itself is sent. SIGNED: the secret signs, and is never sent. */
export type KeyKind = 'BEARER' | 'SIGNED';

/** All profiles, strongest first. */
export const SIGNATURE_PROFILES: readonly SignatureProfile[] = ['RFC9421', 'TIMESTAMP', 'EXPIRY'];

/** Why keys of a service account do not work: it is disabled, or an API switch above it is off. */
export type AccountSuspension = 'SERVICE_ACCOUNT_DISABLED' | 'API_DISABLED';

/** Why a key is INACTIVE. */
export type InactiveReason = 'DISABLED' | AccountSuspension;

/** A window that allows `limit` verifications in `windowSeconds`. */
export interface RateLimit {
  readonly name: string;
  readonly limit: number;
  readonly windowSeconds: number;
}

/** An API key without any credential, as seen by everything except verification. */
export interface ApiKey extends KeyGrants {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly kind: KeyKind;
  readonly signatureProfiles: readonly SignatureProfile[];
  readonly environment: Environment;
  readonly enabled: boolean;
  readonly locked: boolean;
  /** The user with whom this key was disabled; null if it is enabled, or was disabled individually. */
  readonly disabledWithUserId: string | null;
  readonly maskedSecret: string;
  readonly rateLimits: readonly RateLimit[];
  readonly quotas: readonly Quota[];
  readonly allowedCidrs: readonly string[];
  readonly metadata: { readonly [name: string]: Json };
  readonly expiresAt: Date | null;
  readonly createdAt: Date;
  readonly createdBy: Actor;
  readonly updatedAt: Date;
  readonly revokedAt: Date | null;
  readonly revokedBy: Actor | null;
  readonly revokedReason: string | null;
  readonly lastUsedAt: Date | null;
  /** All verifications so far, whatever their outcome. */
  readonly usageTotal: number;
  readonly overlapEndsAt: Date | null;
  readonly previousSecretLastUsedAt: Date | null;
  readonly secretVersion: number;
  /** Grows with each management change, no matter who makes it. */
  readonly version: number;
  /** Derived when the key was read. */
  readonly status: KeyStatus;
  /** Set while the status is INACTIVE. */
  readonly inactiveReason: InactiveReason | null;
  /** What the key can do, and where, as of when it was read. */
  readonly access: AccessSet;
  /** Every permission that it holds anywhere, sorted. */
  readonly permissions: readonly string[];
}

/** Status of a key at a moment in milliseconds, given the suspension of its service account, if any. */
export const statusOf = (
  { revokedAt, expiresAt, enabled }: Pick<ApiKey, 'revokedAt' | 'expiresAt' | 'enabled'>,
  suspension: AccountSuspension | null,
  nowMs: number,
): KeyStatus =>
  keyStatusOf(
    {
      revoked: revokedAt !== null,
      expiresAtMs: expiresAt && expiresAt.getTime(),
      enabled: enabled && suspension === null,
    },
    nowMs,
  );
