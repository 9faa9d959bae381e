import { IpRanges } from '../ip-ranges.js';
import { Judgements } from './judgements.js';
import { Leases } from './leases.js';
import type { LocalKey } from './protocol.js';
import type { CountSlot } from './usage-tally.js';

/** Makes metadata unchangeable, as one object goes out with many answers. */
function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const each of Object.values(value)) freeze(each);
  }
  return value;
}

/** A key whose secret was proven, with everything that decides about it. */
export class KnownKey {
  readonly judgements = new Judgements();
  readonly leases = new Leases();
  readonly ranges: IpRanges;
  /** When it expires, RFC 3339. */
  readonly expiresAt: string | null;
  /** Where its decisions were last counted. */
  slot: CountSlot | undefined;
  /** Tokens of it that are remembered: two while a secret overlaps its successor. */
  readonly tokens = new Set<KnownToken>();

  constructor(readonly record: LocalKey) {
    freeze(record.metadata);
    this.ranges = new IpRanges(record.allowedCidrs);
    this.expiresAt = record.expiresAtMs === null ? null : new Date(record.expiresAtMs).toISOString();
  }
}

/** A token of a known key, remembered under its digest. */
export interface KnownToken {
  readonly digest: string;
  readonly key: KnownKey;
  /** It shows the previous secret, which works until then; null: the current one. */
  readonly previousUntilMs: number | null;
  /** How it may be shown in logs. */
  readonly masked: string;
  /** Whether it was used since it was last considered for being forgotten. */
  used: boolean;
}
