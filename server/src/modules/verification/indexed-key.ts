import type { LimitWindow } from '../limits/sliding-window.js';
import { PermissionSet } from '../access/permission.js';
import type { Environment } from '../keys/token.js';
import { IpRanges } from './ip-ranges.js';

/** One key as it is loaded: what a verdict depends on and what it reports. Times are milliseconds since 1970. */
export interface KeyRecord {
  readonly id: string;
  readonly name: string;
  readonly environment: Environment;
  readonly enabled: boolean;
  readonly revoked: boolean;
  readonly expiresAtMs: number | null;
  readonly publicPart: string;
  /** HMAC of the token, 32 bytes; its first 16 once revoked. */
  readonly digest: Buffer;
  readonly pepperId: number;
  /** The secret before the last regenerate, while it overlaps. */
  readonly previous: {
    readonly publicPart: string;
    readonly digest: Buffer;
    readonly endsAtMs: number;
  } | null;
  readonly rateLimits: readonly LimitWindow[];
  readonly allowedCidrs: readonly string[];
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Effective: own ones and those of roles. */
  readonly permissions: readonly string[];
  readonly scopeIds: readonly string[];
  readonly maskedSecret: string;
  /** Grows with every change; an older version never replaces a newer one. */
  readonly version: number;
}

/** A key in the index: everything that can be computed per change is computed. */
export interface IndexedKey extends KeyRecord {
  readonly permissionSet: PermissionSet;
  readonly ipRanges: IpRanges;
}

/** Prepares a record for the index. */
export const prepareKey = (record: KeyRecord): IndexedKey => ({
  ...record,
  permissionSet: new PermissionSet(record.permissions),
  ipRanges: new IpRanges(record.allowedCidrs),
});
