import { Slots } from '../core/slots.js';

/** Limits of long-lived GraphQL connections. */
export interface LiveSlots {
  readonly sockets: Slots;
  readonly streams: Slots;
  /** On sockets and streams together. */
  readonly subscriptions: Slots;
}

/** Limits of one process: people have several tabs, dashboards have several widgets; one customer can use a tenth of the total. */
export const createLiveSlots = (): LiveSlots => ({
  sockets: new Slots('sockets', { perCaller: 32, perCustomer: 200, total: 2000 }),
  streams: new Slots('streams', { perCaller: 20, perCustomer: 200, total: 2000 }),
  subscriptions: new Slots('subscriptions', { perCaller: 200, perCustomer: 1000, total: 10_000 }),
});
