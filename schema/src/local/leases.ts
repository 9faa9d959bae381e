import type { LimitState } from '../verdict-http.js';
import type { LocalMessage } from './protocol.js';

/** Units that the server has handed out, and why it hands out no more. */
type Leased = Extract<LocalMessage, { readonly type: 'leased' }>;

const FIRST_AMOUNT = 8;
const LARGEST_AMOUNT = 65_536;
/** For so long at most a refusal is repeated without asking again. */
export const REFUSAL_LASTS_MS = 100;

interface Lease {
  /** null: it cannot be given back. */
  readonly id: string | null;
  readonly endsAtMs: number;
  /** How many it began with. */
  readonly size: number;
  units: number;
}

/** A refusal to hand out units, for those who need as many. */
export interface LeaseRefusal {
  readonly code: 'RATE_LIMITED' | 'QUOTA_EXCEEDED';
  readonly retryAfterSeconds: number | null;
  readonly needed: number;
  readonly untilMs: number;
}

/** Units of a lease that were not used. */
export interface Unused {
  readonly lease: string;
  readonly units: number;
}

/** The units of one key's limits that were taken in advance. Times are monotonic milliseconds. */
export class Leases {
  private readonly held: Lease[] = [];
  private limits: readonly LimitState[] = [];
  private limitsAtMs = 0;
  private refusal: LeaseRefusal | undefined;
  private amount = FIRST_AMOUNT;
  private unused = 0;
  private askedAtMs = -Infinity;
  /** Whether the last time there was as much as was wanted. */
  private granted = false;
  /** Whether units were asked for and are still to come. */
  asking = false;
  /** Whether the key is remembered no longer, and nothing is to be held for it. */
  closed = false;

  /** Whether it holds nothing. */
  get empty(): boolean {
    return this.held.length === 0;
  }

  /** Takes units, all or none. False: there are not enough. */
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

  /** Whether it is time to ask for more, so that there are some when these are used up. */
  get runsLow(): boolean {
    return !this.asking && this.refusal === undefined && this.unused * 2 <= this.amount;
  }

  /** Why as many units are not to be had just now, if that is known. */
  refusalOf(cost: number, nowMs: number): LeaseRefusal | undefined {
    if (this.refusal !== undefined && nowMs >= this.refusal.untilMs) this.refusal = undefined;
    return this.refusal !== undefined && cost >= this.refusal.needed ? this.refusal : undefined;
  }

  /** How many to ask for, when `cost` more are needed at least. What is used up fast is asked for in larger amounts. */
  want(cost: number, nowMs: number, ttlMs: number): { readonly wanted: number; readonly needed: number } {
    const fast = this.granted && nowMs - this.askedAtMs < ttlMs / 2;
    if (fast) this.amount = Math.min(this.amount * 2, LARGEST_AMOUNT);
    this.askedAtMs = nowMs;
    this.asking = true;
    const needed = Math.max(1, cost - this.alive(nowMs));
    return { wanted: Math.max(this.amount, needed), needed };
  }

  /** Takes in the answer to what was asked at `askedAtMs`. */
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
    const lastsMs = Math.min(REFUSAL_LASTS_MS, (retryAfterSeconds ?? Infinity) * 1000);
    const code = refusedBy === 'QUOTA' ? 'QUOTA_EXCEEDED' : 'RATE_LIMITED';
    this.refusal = { code, retryAfterSeconds, needed: needed + this.alive(nowMs), untilMs: nowMs + lastsMs };
  }

  /** Where the limits stand, with what is still unused here counted as free. */
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

  /** Takes out what has ended, to be given back; all of it at `Infinity`. */
  end(nowMs: number): Unused[] {
    const ended: Unused[] = [];
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
