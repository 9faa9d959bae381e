/** A source of time that tests can replace. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  now(): number;
}

/** The machine's clock. */
export const systemClock: Clock = { now: () => Date.now() };

/** 24 hours in milliseconds. */
export const DAY_MS = 86_400_000;

/** Milliseconds that never step back, close to the machine's clock at start. For timeouts and ages. */
export const monotonicClock: Clock = { now: () => performance.timeOrigin + performance.now() };
