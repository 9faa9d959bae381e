/** A nonce that a key has shown with a signature that proved. Times are in milliseconds since 1970. */
export interface ShownNonce {
  readonly keyId: string;
  /** The customer that the key belongs to; null: the installation. */
  readonly customerId: string | null;
  readonly value: string;
  /** When the signature says that it was made. */
  readonly createdMs: number;
  /** The last moment at which the signature is accepted. */
  readonly untilMs: number;
}

/** Whether a nonce is used for the first time; `UNKNOWN` when that cannot be told, and it must not pass. */
export type NonceUse = 'FIRST' | 'REPEATED' | 'UNKNOWN';

/** The most nonces that are remembered of one key, and of all keys of one customer: neither can use up the room of others. */
export const MAX_NONCES_PER_KEY = 100_000;
/** See {@link MAX_NONCES_PER_KEY}. */
export const MAX_NONCES_PER_CUSTOMER = 250_000;

/** How far the clocks of those who sign are expected to run ahead, in milliseconds. */
export const CLOCK_LEEWAY_MS = 2_000;

/** Whether a signature may have been used before a memory that began at `sinceMs`, which then knows nothing of it. */
export const mayBeOlder = (createdMs: number, sinceMs: number): boolean =>
  createdMs <= sinceMs + CLOCK_LEEWAY_MS;
