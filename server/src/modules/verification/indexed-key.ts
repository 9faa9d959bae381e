import type { KeyGrants } from '../access/key-access.js';
import type { SignatureProfile } from '../signatures/signature-profile.js';
import type { Environment } from '../keys/token.js';
import type { LimitRules } from '../limits/limit-rules.js';
import type { CountedCaller, Sampled } from '../usage/usage-event.js';
import { ipRangesOf, type IpRanges } from '@keywright/schema/ip-ranges';
import type { KeyProfile, KeyRights } from './key-rights.js';
import type { Excess } from './excess.js';

/** What many keys have in common; keys with all of it the same share one object. */
export interface KeyTraits extends KeyGrants {
  readonly environment: Environment;
  readonly enabled: boolean;
  readonly revoked: boolean;
  readonly pepperId: number;
  /** The same object for all keys with equal limits. */
  readonly limits: LimitRules;
  readonly allowedCidrs: readonly string[];
  readonly metadata: Readonly<Record<string, unknown>>;
  /** How it may sign; none for a key whose secret is sent. */
  readonly signatureProfiles: readonly SignatureProfile[];
}

/** A signing secret as it is stored; `version` is part of what it is sealed about. */
export interface SealedSecret {
  readonly sealed: Buffer;
  readonly version: number;
}

/** One key as it is loaded: what a verdict depends on and what it reports. Times are milliseconds since 1970. */
export interface KeyRecord {
  readonly id: string;
  readonly name: string;
  readonly expiresAtMs: number | null;
  readonly publicPart: string;
  /** HMAC of the token, its 32 bytes as Latin-1 text; the first 16 once revoked; empty for a key that signs. */
  readonly digest: string;
  /** The secret before the last regenerate, while it overlaps. */
  readonly previous: {
    readonly publicPart: string;
    readonly digest: string;
    readonly pepperId: number;
    readonly endsAtMs: number;
  } | null;
  /** The secret of a key that signs, and the one before it while they overlap; null for every other, and once revoked. */
  readonly signing: {
    readonly secret: SealedSecret;
    readonly previous: (SealedSecret & { readonly endsAtMs: number }) | null;
  } | null;
  /** Grows with every change; an older version never replaces a newer one. */
  readonly version: number;
  readonly traits: KeyTraits;
  /** In what it is held to less than the database says. */
  readonly held?: readonly Excess[];
}

/** A key in the index. */
export class IndexedKey implements Sampled, CountedCaller {
  /** Verifications without a row since the last one that was logged; the first one of a key always has its turn. */
  leftOut = 1_000_000;
  unwrittenUses = 0;
  lastUseAtMs = 0;
  /** Where it may be used from. */
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

  /** What it may do, by what is known now of scopes, roles and service accounts. */
  get rights(): KeyRights {
    return this.profile.rights;
  }

  /** When it expires as JSON, RFC 3339 or null. */
  get expiryText(): string {
    const { expiresAtMs } = this.record;
    if (expiresAtMs === null) return 'null';
    return (this.expiry ??= `"${new Date(expiresAtMs).toISOString()}"`);
  }
}
