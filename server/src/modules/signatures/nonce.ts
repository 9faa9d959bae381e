/** A nonce that a key presented with a valid signature. Times are in milliseconds since 1970. */
export interface ShownNonce {
  readonly keyId: string;
  /** The customer of the key; null: the installation. */
  readonly customerId: string | null;
  readonly value: string;
  /** The creation time claimed by the signature. */
  readonly createdMs: number;
  /** The last time at which the signature is accepted. */
  readonly untilMs: number;
}

/** Whether a nonce is used for the first time. `UNKNOWN` if that cannot be determined; the request must be rejected. */
export type NonceUse = 'FIRST' | 'REPEATED' | 'UNKNOWN';

/** Maximum number of nonces stored per key, so that one key cannot use up the space of others. */
export const MAX_NONCES_PER_KEY = 100_000;
/**
 * Maximum number of nonces stored for all keys of a customer, so that one customer cannot use up the space of others.
 */
export const MAX_NONCES_PER_CUSTOMER = 250_000;

/** How far ahead the clocks of signers are expected to run, in milliseconds. */
export const CLOCK_LEEWAY_MS = 2_000;

/** Whether a signature may have been used before a memory that started at `sinceMs`, which would not contain it. */
export const mayBeOlder = (createdMs: number, sinceMs: number): boolean =>
  createdMs <= sinceMs + CLOCK_LEEWAY_MS;
