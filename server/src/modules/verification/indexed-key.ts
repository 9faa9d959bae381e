import type { AccessSet } from '../access/access-set.js';
import type { Directory, StoredGrant } from '../access/directory.js';
import { keyAccess, type KeyGrants } from '../access/key-access.js';
import type { Environment } from '../keys/token.js';
import type { LimitWindow } from '../limits/sliding-window.js';
import { IpRanges } from './ip-ranges.js';

/** One key as it is loaded: what a verdict depends on and what it reports. Times are milliseconds since 1970. */
export interface KeyRecord extends KeyGrants {
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
    readonly pepperId: number;
    readonly endsAtMs: number;
  } | null;
  readonly rateLimits: readonly LimitWindow[];
  readonly allowedCidrs: readonly string[];
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly scopeId: string;
  readonly serviceAccountId: string | null;
  readonly narrowed: boolean;
  readonly grants: readonly StoredGrant[];
  readonly maskedSecret: string;
  /** Grows with every change; an older version never replaces a newer one. */
  readonly version: number;
}

/** What a key may do just now. */
export interface KeyRights {
  readonly access: AccessSet;
  /** Everything it may do anywhere, sorted. */
  readonly permissions: readonly string[];
  /** Where it may do anything. */
  readonly scopeIds: readonly string[];
  /** False while the service account, or the API that it belongs to, is switched off. */
  readonly active: boolean;
}

/** A key in the index. Its rights are computed once after each change of what they depend on, when they are first asked for. */
export class IndexedKey {
  readonly ipRanges: IpRanges;
  private known: KeyRights | undefined;
  private knownAt = -1;

  constructor(
    readonly record: KeyRecord,
    readonly directory: Directory,
  ) {
    this.ipRanges = new IpRanges(record.allowedCidrs);
  }

  get id(): string {
    return this.record.id;
  }

  /** What it may do, by what is known now of scopes, roles and service accounts. */
  get rights(): KeyRights {
    const { epoch } = this.directory;
    if (this.known === undefined || this.knownAt !== epoch) {
      this.known = this.compute();
      this.knownAt = epoch;
    }
    return this.known;
  }

  private compute(): KeyRights {
    const access = keyAccess(this.directory, this.record);
    const { serviceAccountId } = this.record;
    return {
      access,
      permissions: access.anywhere.list(),
      scopeIds: access.entries().map(({ scopeId }) => scopeId),
      active: serviceAccountId === null || this.directory.isActive(serviceAccountId),
    };
  }
}
