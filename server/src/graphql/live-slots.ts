import { Slots } from '../core/slots.js';

/** What callers hold open at GraphQL. */
export interface LiveSlots {
  readonly sockets: Slots;
  readonly streams: Slots;
  /** Over sockets and streams. */
  readonly subscriptions: Slots;
}

/** Bounds for one process: a person has tabs, a dashboard has widgets; a tenth of everything is the most for one customer. */
export const createLiveSlots = (): LiveSlots => ({
  sockets: new Slots('sockets', { perCaller: 32, perCustomer: 200, total: 2000 }),
  streams: new Slots('streams', { perCaller: 20, perCustomer: 200, total: 2000 }),
  subscriptions: new Slots('subscriptions', { perCaller: 200, perCustomer: 1000, total: 10_000 }),
});
