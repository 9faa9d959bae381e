import { IpRanges } from '../ip-ranges.js';
import { Judgements } from './judgements.js';
import { Leases } from './leases.js';
import type { LocalKey } from './protocol.js';
import type { CountSlot } from './usage-tally.js';

/** Deep-freezes metadata, as many answers share one object. */
function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const each of Object.values(value)) freeze(each);
  }
  return value;
}

/** A key whose secret was proven, with everything needed to decide on it. */
export class CachedKey {
  readonly judgements = new Judgements();
  readonly leases = new Leases();
  readonly ranges: IpRanges;
  /** Expiry in RFC 3339 form. */
  readonly expiresAt: string | null;
  /** The slot in which its decisions were last counted. */
  slot: CountSlot | undefined;
  /** The key's cached tokens: two while an old secret overlaps its successor. */
  readonly tokens = new Set<CachedToken>();

  constructor(readonly record: LocalKey) {
    freeze(record.metadata);
    this.ranges = new IpRanges(record.allowedCidrs);
    this.expiresAt = record.expiresAtMs === null ? null : new Date(record.expiresAtMs).toISOString();
  }
}

/** A token of a cached key, stored under its digest. */
export interface CachedToken {
  readonly digest: string;
  readonly key: CachedKey;
  /** Until when the token works if it is the previous secret; null for the current one. */
  readonly previousUntilMs: number | null;
  /** The masked form for logs. */
  readonly masked: string;
  /** Whether it was used since eviction last considered it. */
  used: boolean;
}
