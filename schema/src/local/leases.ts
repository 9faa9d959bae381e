import type { LimitState } from '../verification/verdict-http.js';
import { codeOfLimit } from '../verification/steps.js';
import type { LocalMessage } from './protocol.js';

/** The server's answer to a lease request. */
type Leased = Extract<LocalMessage, { readonly type: 'leased' }>;

const INITIAL_LEASE_UNITS = 8;
const MAX_LEASE_UNITS = 65_536;
/** How long a refusal is reused without asking the server again, at most. */
export const REFUSAL_TTL_MS = 100;

interface Lease {
  /** null: its units cannot be released. */
  readonly id: string | null;
  readonly endsAtMs: number;
  /** Units at the start. */
  readonly size: number;
  units: number;
}

/** The server's refusal of `needed` units; it also applies to any higher cost. */
export interface LeaseRefusal {
  readonly code: 'RATE_LIMITED' | 'QUOTA_EXCEEDED';
  readonly retryAfterSeconds: number | null;
  readonly needed: number;
  readonly untilMs: number;
}

/** Unused units of a lease. */
export interface UnusedUnits {
  readonly lease: string;
  readonly units: number;
}

/** The leased units of one key's limits. Times are monotonic milliseconds. */
export class Leases {
  private readonly held: Lease[] = [];
  private limits: readonly LimitState[] = [];
  private limitsAtMs = 0;
  private refusal: LeaseRefusal | undefined;
  private amount = INITIAL_LEASE_UNITS;
  private unused = 0;
  private askedAtMs = -Infinity;
  /** Whether the last request was granted in full. */
  private granted = false;
  /** Whether a request for units is pending. */
  asking = false;
  /** Whether the key has left the cache, so that it must hold no units. */
  closed = false;

  /** Whether there are no leases. */
  get empty(): boolean {
    return this.held.length === 0;
  }

  /** Takes units, all or none; false if there are not enough. */
  take(cost: number, nowMs: number): boolean {
    const first = this.held[0];
    if (first === undefined) return false;
    if (nowMs < first.endsAtMs && first.units >= cost) {
      first.units -= cost;
      this.unused -= cost;
      return true;
    }
    return this.takeAcross(cost, nowMs);
  }

  /** Whether to request more units, so that they arrive before these are used up. */
  get runsLow(): boolean {
    return !this.asking && this.refusal === undefined && this.unused * 2 <= this.amount;
  }

  /** The current refusal for this cost, if any. */
  refusalOf(cost: number, nowMs: number): LeaseRefusal | undefined {
    if (this.refusal !== undefined && nowMs >= this.refusal.untilMs) this.refusal = undefined;
    return this.refusal !== undefined && cost >= this.refusal.needed ? this.refusal : undefined;
  }

  /** How many units to request when at least `cost` are needed. The amount grows while units are used up fast. */
  want(cost: number, nowMs: number, ttlMs: number): { readonly wanted: number; readonly needed: number } {
    const fast = this.granted && nowMs - this.askedAtMs < ttlMs / 2;
    if (fast) this.amount = Math.min(this.amount * 2, MAX_LEASE_UNITS);
    this.askedAtMs = nowMs;
    this.asking = true;
    const needed = Math.max(1, cost - this.alive(nowMs));
    return { wanted: Math.max(this.amount, needed), needed };
  }

  /** Handles the answer to the request sent at `askedAtMs`. */
  add(
    { lease, units, ttlMs, limits, refusedBy, retryAfterSeconds }: Leased,
    needed: number,
    nowMs: number,
  ): void {
    this.asking = false;
    this.granted = units >= this.amount;
    this.limits = limits;
    this.limitsAtMs = nowMs;
    if (units > 0) {
      this.refusal = undefined;
      this.held.push({ id: lease, endsAtMs: this.askedAtMs + ttlMs, size: units, units });
      this.unused += units;
      return;
    }
    const refusalTtlMs = Math.min(REFUSAL_TTL_MS, (retryAfterSeconds ?? Infinity) * 1000);
    const code = codeOfLimit(refusedBy ?? 'WINDOW');
    this.refusal = {
      code,
      retryAfterSeconds,
      needed: needed + this.alive(nowMs),
      untilMs: nowMs + refusalTtlMs,
    };
  }

  /** The state of the limits, with unused leased units counted as remaining. */
  states(nowMs: number): LimitState[] {
    const passedSeconds = Math.floor((nowMs - this.limitsAtMs) / 1000);
    const { unused } = this;
    return this.limits.map(({ name, limit, remaining, windowSeconds, resetSeconds }) => ({
      name,
      limit,
      remaining: Math.min(limit, remaining + unused),
      windowSeconds,
      resetSeconds: Math.max(0, resetSeconds - passedSeconds),
    }));
  }

  /** Removes leases that have ended and returns their unused units for release; all leases at `Infinity`. */
  end(nowMs: number): UnusedUnits[] {
    const ended: UnusedUnits[] = [];
    while (this.held.length > 0 && nowMs >= this.held[0]!.endsAtMs) {
      const { id, units, size } = this.held.shift()!;
      this.unused -= units;
      if (units * 2 > size) this.amount = Math.max(1, this.amount >> 1);
      if (units > 0 && id !== null) ended.push({ lease: id, units });
    }
    return ended;
  }

  private alive(nowMs: number): number {
    let alive = 0;
    for (const { endsAtMs, units } of this.held) if (nowMs < endsAtMs) alive += units;
    return alive;
  }

  private takeAcross(cost: number, nowMs: number): boolean {
    if (this.alive(nowMs) < cost) return false;
    let left = cost;
    for (const lease of this.held) {
      if (nowMs >= lease.endsAtMs) continue;
      const taken = Math.min(left, lease.units);
      lease.units -= taken;
      left -= taken;
    }
    this.unused -= cost;
    while (this.held[0]?.units === 0) this.held.shift();
    return true;
  }
}
