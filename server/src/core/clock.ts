/** Where the time comes from, so that rules can be tested at any moment. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  now(): number;
}

/** The machine's clock. */
export const systemClock: Clock = { now: () => Date.now() };

/** 24 hours in milliseconds. */
export const DAY_MS = 86_400_000;

/** Milliseconds that never step back; near the machine's clock at start. For waiting times and ages. */
export const monotonicClock: Clock = { now: () => performance.timeOrigin + performance.now() };
