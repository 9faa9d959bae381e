import { IpRanges } from '../ip-ranges.js';
import type { Environment } from '../verification/environment.js';
import type { KeyFacts, Question, RightsFault } from '../verification/key-facts.js';
import { Judgements } from './judgements.js';
import { Leases } from './leases.js';
import type { LocalJudgement, LocalKey } from './protocol.js';
import type { CountSlot } from './usage-tally.js';

/** A question about a cached key, with the server's judgement on the key's permissions if it is cached. */
export interface AskedLocally extends Question {
  readonly judgement: LocalJudgement | undefined;
}

/** Deep-freezes metadata, as many answers share one object. */
function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const each of Object.values(value)) freeze(each);
  }
  return value;
}

/** A key whose secret was proven, with everything needed to decide on it. */
export class CachedKey implements KeyFacts<AskedLocally, 'UNJUDGED'> {
  readonly judgements = new Judgements();
  readonly leases = new Leases();
  readonly revoked: boolean;
  readonly enabled: boolean;
  readonly expiresAtMs: number | null;
  readonly environment: Environment;
  readonly ipRanges: IpRanges;
  /** Expiry in RFC 3339 form. */
  readonly expiresAt: string | null;
  /** The slot in which its decisions were last counted. */
  slot: CountSlot | undefined;
  /** The key's cached tokens: two while an old secret overlaps its successor. */
  readonly tokens = new Set<CachedToken>();

  constructor(readonly record: LocalKey) {
    const { revoked, enabled, expiresAtMs, environment, allowedCidrs, metadata } = record;
    freeze(metadata);
    this.revoked = revoked;
    this.enabled = enabled;
    this.expiresAtMs = expiresAtMs;
    this.environment = environment;
    this.ipRanges = new IpRanges(allowedCidrs);
    this.expiresAt = expiresAtMs === null ? null : new Date(expiresAtMs).toISOString();
  }

  rightsFault({ judgement }: AskedLocally): RightsFault | 'UNJUDGED' | undefined {
    return judgement === undefined ? 'UNJUDGED' : (judgement.refused ?? undefined);
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
