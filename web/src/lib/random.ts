/** A fresh key for an idempotent request: 128 random bits in hex (works over plain http too). */
export function newIdempotencyKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');
}

/** Gives the same idempotency key for as long as the same request is tried again, and a new one for another. */
export function idempotencyKeys(): (request: unknown) => string {
  let last = '';
  let key = '';
  return (request) => {
    const text = JSON.stringify(request);
    if (text !== last || !key) {
      last = text;
      key = newIdempotencyKey();
    }
    return key;
  };
}
