import { AppError } from './errors.js';

/** Who holds something open: a caller and its customer; null for none or more than one. */
export interface SlotHolder {
  readonly callerId: string;
  readonly customerId: string | null;
}

/** Maximum numbers of open slots in this process. */
export interface SlotBounds {
  readonly perCaller: number;
  readonly perCustomer: number;
  readonly total: number;
}

const RETRY_AFTER_SECONDS = 10;

/** Limits what callers hold open, so that neither one caller nor all callers of one customer can use up the total. */
export class Slots {
  private readonly byCaller = new Map<string, number>();
  private readonly byCustomer = new Map<string, number>();
  private taken = 0;

  /** @param noun Names what is held, in the plural. */
  constructor(
    private readonly noun: string,
    private readonly bounds: SlotBounds,
  ) {}

  /** Takes a slot; the returned function releases it. Errors: TOO_MANY_ATTEMPTS at a limit of the caller or customer, UNAVAILABLE at the total. */
  take({ callerId, customerId }: SlotHolder): () => void {
    const { noun } = this;
    const { perCaller, perCustomer, total } = this.bounds;
    const retry = { retryAfterSeconds: RETRY_AFTER_SECONDS };
    if (this.taken >= total) {
      throw new AppError('UNAVAILABLE', `Too many ${noun} are open. Try again shortly.`, retry);
    }
    if ((this.byCaller.get(callerId) ?? 0) >= perCaller) {
      throw new AppError('TOO_MANY_ATTEMPTS', `At most ${perCaller} ${noun} can be open at once.`, retry);
    }
    if (customerId !== null && (this.byCustomer.get(customerId) ?? 0) >= perCustomer) {
      const message = `At most ${perCustomer} ${noun} of one customer can be open at once.`;
      throw new AppError('TOO_MANY_ATTEMPTS', message, retry);
    }
    this.taken++;
    add(this.byCaller, callerId, 1);
    if (customerId !== null) add(this.byCustomer, customerId, 1);
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.taken--;
      add(this.byCaller, callerId, -1);
      if (customerId !== null) add(this.byCustomer, customerId, -1);
    };
  }
}

function add(counts: Map<string, number>, id: string, by: number): void {
  const count = (counts.get(id) ?? 0) + by;
  if (count > 0) counts.set(id, count);
  else counts.delete(id);
}
