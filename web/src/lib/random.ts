/** A new idempotency key: 128 random bits in hex (also works over plain HTTP). */
export function newIdempotencyKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');
}

/** Returns the same idempotency key for retries of the same request, and a new one for another request. */
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
