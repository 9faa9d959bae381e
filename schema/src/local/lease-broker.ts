import { CallFailed, type Calls } from './calls.js';
import type { KnownKey } from './known-key.js';
import type { Unused } from './leases.js';

/** Until the server has said how long units may be used. */
const USUAL_TTL_MS = 1000;
const SWEEP_EVERY_MS = 100;
/** So long before their end units are given back, as they must arrive before it; a quarter of their time at most. */
const BEFORE_END_MS = 150;
const REFILL_WITHIN_MS = 2000;

/** Takes units from the limits of keys in advance, and gives back what is not used. */
export class LeaseBroker {
  private readonly asked = new Map<KnownKey, Promise<void>>();
  /** Keys that may hold units. */
  private readonly holders = new Set<KnownKey>();
  private readonly timer: NodeJS.Timeout;
  private ttlMs = USUAL_TTL_MS;

  constructor(private readonly calls: Calls) {
    this.timer = setInterval(() => this.sweep(), SWEEP_EVERY_MS);
    this.timer.unref();
  }

  /** Asks for more before there are none left; nobody waits for it. */
  refill(key: KnownKey): void {
    if (this.calls.open && !this.asked.has(key)) this.obtain(key, 1, REFILL_WITHIN_MS).catch(() => undefined);
  }

  /** Asks for at least `cost` units, or waits for those that were asked for; then it is worth trying again. Error: CallFailed. */
  obtain(key: KnownKey, cost: number, timeoutMs: number): Promise<void> {
    let asked = this.asked.get(key);
    if (!asked) {
      asked = this.ask(key, cost, timeoutMs).finally(() => this.asked.delete(key));
      this.asked.set(key, asked);
    }
    return asked;
  }

  /** The key is remembered no longer. */
  drop(key: KnownKey): void {
    key.leases.closed = true;
    this.holders.delete(key);
    this.giveBack(key.leases.end(Infinity));
  }

  /** The connection is lost, and with it what was handed out over it. */
  dropAll(): void {
    for (const key of this.holders) key.leases.end(Infinity);
    this.holders.clear();
  }

  /** Gives everything back. */
  close(): void {
    clearInterval(this.timer);
    for (const key of this.holders) this.drop(key);
  }

  private async ask(key: KnownKey, cost: number, timeoutMs: number): Promise<void> {
    const { leases, record } = key;
    const { wanted, needed } = leases.want(cost, performance.now(), this.ttlMs);
    try {
      const answer = await this.calls.ask({ type: 'lease', keyId: record.keyId, wanted, needed }, timeoutMs);
      if (answer.type !== 'leased') throw new CallFailed('UNAVAILABLE');
      if (answer.units > 0) this.ttlMs = answer.ttlMs;
      leases.add(answer, needed, performance.now());
      if (leases.closed) this.giveBack(leases.end(Infinity));
      else this.holders.add(key);
    } finally {
      leases.asking = false;
    }
  }

  private sweep(): void {
    const endMs = performance.now() + Math.min(BEFORE_END_MS, this.ttlMs / 4);
    for (const key of this.holders) {
      this.giveBack(key.leases.end(endMs));
      if (key.leases.empty) this.holders.delete(key);
    }
  }

  private giveBack(unused: readonly Unused[]): void {
    for (const { lease, units } of unused) this.calls.send?.({ type: 'release', lease, units });
  }
}
