import { AppError } from './errors.js';
import type { SlotHolder } from './slots.js';

/** Maximum concurrent cost in this process, and how much can wait for its turn. */
export interface TurnBounds {
  readonly perCaller: number;
  readonly perCustomer: number;
  /** Maximum waiters of one caller. */
  readonly waiting: number;
  readonly waitMs: number;
}

const RETRY_AFTER_SECONDS = 2;

const refusal = (): AppError =>
  new AppError('TOO_MANY_ATTEMPTS', 'Too many large requests are in progress. Wait for their responses.', {
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  });

interface Waiter {
  readonly holder: SlotHolder;
  readonly cost: number;
  readonly admit: () => void;
}

/** Sums of costs by id. */
class Sums {
  private readonly byId = new Map<string, number>();

  /** Whether the cost still fits; the first one always does. */
  fits(id: string, cost: number, max: number): boolean {
    const sum = this.of(id);
    return sum === 0 || sum + cost <= max;
  }

  of(id: string): number {
    return this.byId.get(id) ?? 0;
  }

  add(id: string, cost: number): void {
    const sum = this.of(id) + cost;
    if (sum > 0) this.byId.set(id, sum);
    else this.byId.delete(id);
  }
}

/**
 * Limits the concurrent cost per caller and per customer. Work above the limit waits for a moment, first come, first served
 * within one caller, and is then rejected.
 */
export class Turns {
  private readonly ofCallers = new Sums();
  private readonly ofCustomers = new Sums();
  private readonly waitingOf = new Sums();
  private readonly waiters = new Set<Waiter>();

  constructor(private readonly bounds: TurnBounds) {}

  /**
   * Resolves when work of this cost can start; the resolved function ends its turn. Error: TOO_MANY_ATTEMPTS if the turn
   * does not come in time, or if too many wait.
   * @param gone Aborted when the caller has gone away.
   */
  async take(holder: SlotHolder, cost: number, gone?: AbortSignal): Promise<() => void> {
    if (this.waitingOf.of(holder.callerId) > 0 || !this.fits(holder, cost))
      await this.wait(holder, cost, gone);
    else this.begin(holder, cost);
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      this.begin(holder, -cost);
      this.admit();
    };
  }

  private fits({ callerId, customerId }: SlotHolder, cost: number): boolean {
    const { perCaller, perCustomer } = this.bounds;
    return (
      this.ofCallers.fits(callerId, cost, perCaller) &&
      (customerId === null || this.ofCustomers.fits(customerId, cost, perCustomer))
    );
  }

  private begin({ callerId, customerId }: SlotHolder, cost: number): void {
    this.ofCallers.add(callerId, cost);
    if (customerId !== null) this.ofCustomers.add(customerId, cost);
  }

  private wait(holder: SlotHolder, cost: number, gone: AbortSignal | undefined): Promise<void> {
    if (gone?.aborted || this.waitingOf.of(holder.callerId) >= this.bounds.waiting) {
      return Promise.reject(refusal());
    }
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        clearTimeout(timer);
        gone?.removeEventListener('abort', giveUp);
        this.waiters.delete(waiter);
        this.waitingOf.add(holder.callerId, -1);
      };
      const giveUp = (): void => {
        leave();
        reject(refusal());
        // The next waiter may be smaller.
        this.admit();
      };
      const waiter: Waiter = {
        holder,
        cost,
        admit: () => {
          leave();
          this.begin(holder, cost);
          resolve();
        },
      };
      const timer = setTimeout(giveUp, this.bounds.waitMs);
      gone?.addEventListener('abort', giveUp);
      this.waiters.add(waiter);
      this.waitingOf.add(holder.callerId, 1);
    });
  }

  /** Admits all waiters that fit. */
  private admit(): void {
    const behind = new Set<string>();
    for (const waiter of this.waiters) {
      const { callerId } = waiter.holder;
      if (behind.has(callerId)) continue;
      if (this.fits(waiter.holder, waiter.cost)) waiter.admit();
      else behind.add(callerId);
    }
  }
}
