import type { Clock } from '../../core/clock.js';
import type { Lease } from '../limits/rate-limiter.js';

/** Leases that one connection may give back something of; those beyond cannot. */
const MAX_LEASES = 10_000;

interface Held {
  readonly lease: Lease;
  readonly endsAtMs: number;
  units: number;
}

/** The leases of one connection that have not ended, by name. */
export class HeldLeases {
  private readonly held = new Map<string, Held>();
  private last = 0;

  /** @param clock Monotonic. */
  constructor(private readonly clock: Clock) {}

  /** Keeps a lease; its name, or null for one that cannot be given back. */
  keep(lease: Lease): string | null {
    const nowMs = this.clock.now();
    // The oldest come first, and none lasts long.
    for (const [name, { endsAtMs }] of this.held) {
      if (endsAtMs > nowMs) break;
      this.held.delete(name);
    }
    if (this.held.size >= MAX_LEASES) return null;
    const name = String(++this.last);
    this.held.set(name, { lease, endsAtMs: nowMs + lease.ttlMs, units: lease.units });
    return name;
  }

  /** Gives back units of a lease that has not ended, at most what is left of it. */
  release(name: string, units: number): void {
    const held = this.held.get(name);
    if (!held || units > held.units || this.clock.now() >= held.endsAtMs) return;
    held.units -= units;
    if (held.units === 0) this.held.delete(name);
    held.lease.giveBack(units);
  }
}
