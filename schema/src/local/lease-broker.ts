import { CallFailed, type Calls } from './calls.js';
import type { CachedKey } from './cached-key.js';
import type { UnusedUnits } from './leases.js';

/** Lease time to assume until the server's first answer. */
const DEFAULT_TTL_MS = 1000;
const SWEEP_INTERVAL_MS = 100;
/** Unused units are released this long before their lease ends, so that they arrive in time; at most a quarter of its time. */
const RELEASE_MARGIN_MS = 150;
const REFILL_TIMEOUT_MS = 2000;

/** Leases units of keys' limits and returns unused ones. */
export class LeaseBroker {
  private readonly pending = new Map<CachedKey, Promise<void>>();
  /** Keys that may hold leases. */
  private readonly holders = new Set<CachedKey>();
  private readonly timer: NodeJS.Timeout;
  private ttlMs = DEFAULT_TTL_MS;

  constructor(private readonly calls: Calls) {
    this.timer = setInterval(() => this.sweep(), SWEEP_INTERVAL_MS);
    this.timer.unref();
  }

  /** Requests more units in the background before they run out. */
  refill(key: CachedKey): void {
    if (this.calls.open && !this.pending.has(key))
      this.obtain(key, 1, REFILL_TIMEOUT_MS).catch(() => undefined);
  }

  /** Requests at least `cost` units, or waits for a pending request; the caller then retries. Error: CallFailed. */
  obtain(key: CachedKey, cost: number, timeoutMs: number): Promise<void> {
    let pending = this.pending.get(key);
    if (!pending) {
      pending = this.ask(key, cost, timeoutMs).finally(() => this.pending.delete(key));
      this.pending.set(key, pending);
    }
    return pending;
  }

  /** Releases the units of a key that left the cache. */
  drop(key: CachedKey): void {
    key.leases.closed = true;
    this.holders.delete(key);
    this.release(key.leases.end(Infinity));
  }

  /** Discards all leases after the connection is lost, as the server discards them too. */
  dropAll(): void {
    for (const key of this.holders) key.leases.end(Infinity);
    this.holders.clear();
  }

  /** Releases everything. */
  close(): void {
    clearInterval(this.timer);
    for (const key of this.holders) this.drop(key);
  }

  private async ask(key: CachedKey, cost: number, timeoutMs: number): Promise<void> {
    const { leases, record } = key;
    const { wanted, needed } = leases.want(cost, performance.now(), this.ttlMs);
    try {
      const answer = await this.calls.ask({ type: 'lease', keyId: record.keyId, wanted, needed }, timeoutMs);
      if (answer.type !== 'leased') throw new CallFailed('UNAVAILABLE');
      if (answer.units > 0) this.ttlMs = answer.ttlMs;
      leases.add(answer, needed, performance.now());
      if (leases.closed) this.release(leases.end(Infinity));
      else this.holders.add(key);
    } finally {
      leases.asking = false;
    }
  }

  private sweep(): void {
    const endMs = performance.now() + Math.min(RELEASE_MARGIN_MS, this.ttlMs / 4);
    for (const key of this.holders) {
      this.release(key.leases.end(endMs));
      if (key.leases.empty) this.holders.delete(key);
    }
  }

  private release(unused: readonly UnusedUnits[]): void {
    for (const { lease, units } of unused) this.calls.send?.({ type: 'release', lease, units });
  }
}
