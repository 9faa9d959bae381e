import type { KeyGrants } from '../access/decide/key-access.js';
import type { SignatureProfile } from '../signatures/signature-profile.js';
import type { Environment } from '@keywright/schema/environment';
import type { LimitRules } from '../limits/limit-rules.js';
import type { CountedCaller, Sampled } from '../usage/usage-event.js';
import { ipRangesOf, type IpRanges } from '@keywright/schema/ip-ranges';
import type { KeyFacts, RightsFault } from '@keywright/schema/key-facts';
import type { KeyProfile, KeyQuestion, KeyRights } from './key-rights.js';

/** The ways in which a key can exceed a restriction. */
export type Excess =
  | 'REVOKED'
  | 'DISABLED'
  | 'SECRET_REPLACED'
  | 'EXPIRY'
  | 'ACCESS'
  | 'ADDRESSES'
  | 'LIMITS'
  | 'SIGNATURES';

/** Properties that many keys share; keys with identical ones share one object. */
export interface KeyTraits extends KeyGrants {
  readonly environment: Environment;
  readonly enabled: boolean;
  readonly revoked: boolean;
  readonly pepperId: number;
  /** The same object for all keys with equal limits. */
  readonly limits: LimitRules;
  readonly allowedCidrs: readonly string[];
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Signature profiles that the key accepts; none for a BEARER key. */
  readonly signatureProfiles: readonly SignatureProfile[];
}

/** A signing secret as stored; `version` is part of the additional authenticated data. */
export interface SealedSecret {
  readonly sealed: Buffer;
  readonly version: number;
}

/** One key as loaded: what a verdict depends on and reports. Times are milliseconds since 1970. */
export interface KeyRecord {
  readonly id: string;
  readonly name: string;
  readonly expiresAtMs: number | null;
  readonly publicPart: string;
  /** HMAC of the token, 32 bytes as Latin-1 text; only the first 16 bytes once revoked; empty for a SIGNED key. */
  readonly digest: string;
  /** The secret before the last regeneration, during its overlap. */
  readonly previous: {
    readonly publicPart: string;
    readonly digest: string;
    readonly pepperId: number;
    readonly endsAtMs: number;
  } | null;
  /** The secret of a SIGNED key, and the previous one during their overlap; null for other keys, and once revoked. */
  readonly signing: {
    readonly secret: SealedSecret;
    readonly previous: (SealedSecret & { readonly endsAtMs: number }) | null;
  } | null;
  /** Grows with every change; an older version never replaces a newer one. */
  readonly version: number;
  readonly traits: KeyTraits;
  /** The ways in which a hold restricts the key to less than the database says. */
  readonly held?: readonly Excess[];
}

/** A key in the index. */
export class IndexedKey implements KeyFacts<KeyQuestion>, Sampled, CountedCaller {
  /** Verifications without a log row since the last logged one; the first one of a key is always logged. */
  leftOut = 1_000_000;
  unwrittenUses = 0;
  lastUseAtMs = 0;
  /** The addresses that the key can be used from. */
  readonly ipRanges: IpRanges;
  private expiry: string | undefined;

  constructor(
    readonly record: KeyRecord,
    private readonly profile: KeyProfile,
  ) {
    this.ipRanges = ipRangesOf(record.traits.allowedCidrs);
  }

  get traits(): KeyTraits {
    return this.record.traits;
  }

  get id(): string {
    return this.record.id;
  }

  get revoked(): boolean {
    return this.record.traits.revoked;
  }

  /** False while the key, its service account, or the API of its customer or organization is switched off. */
  get enabled(): boolean {
    return this.record.traits.enabled && this.rights.active;
  }

  get expiresAtMs(): number | null {
    return this.record.expiresAtMs;
  }

  get environment(): Environment {
    return this.record.traits.environment;
  }

  rightsFault({ permissions, scopeId }: KeyQuestion): RightsFault | undefined {
    return this.rights.judge(permissions, scopeId).refused;
  }

  /** The current rights of the key, derived from scopes, roles and service accounts. */
  get rights(): KeyRights {
    return this.profile.rights;
  }

  /** The expiry as JSON: RFC 3339 or null. */
  get expiryText(): string {
    const { expiresAtMs } = this.record;
    if (expiresAtMs === null) return 'null';
    return (this.expiry ??= `"${new Date(expiresAtMs).toISOString()}"`);
  }
}
