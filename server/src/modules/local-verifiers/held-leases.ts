import type { Clock } from '../../core/clock.js';
import type { Lease } from '../limits/rate-limiter.js';

/** Maximum number of leases per connection whose unused units can be returned. */
const MAX_LEASES = 10_000;

interface Held {
  readonly lease: Lease;
  readonly endsAtMs: number;
  units: number;
}

/** The active leases of one connection, by name. */
export class HeldLeases {
  private readonly held = new Map<string, Held>();
  private last = 0;

  /** @param clock Monotonic. */
  constructor(private readonly clock: Clock) {}

  /** Records a lease; returns its name, or null if units cannot be returned. */
  keep(lease: Lease): string | null {
    const nowMs = this.clock.now();
    // Oldest first, and all leases are short.
    for (const [name, { endsAtMs }] of this.held) {
      if (endsAtMs > nowMs) break;
      this.held.delete(name);
    }
    if (this.held.size >= MAX_LEASES) return null;
    const name = String(++this.last);
    this.held.set(name, { lease, endsAtMs: nowMs + lease.ttlMs, units: lease.units });
    return name;
  }

  /** Returns units of an active lease, at most those that remain. */
  release(name: string, units: number): void {
    const held = this.held.get(name);
    if (!held || units > held.units || this.clock.now() >= held.endsAtMs) return;
    held.units -= units;
    if (held.units === 0) this.held.delete(name);
    held.lease.returnUnits(units);
  }
}
