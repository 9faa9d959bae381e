let second = -1;
let text = '';

/** The time as the `Date` header says it (RFC 9110), made once a second. */
export function httpDate(nowMs: number = Date.now()): string {
  const now = Math.floor(nowMs / 1000);
  if (now !== second) {
    second = now;
    text = new Date(nowMs).toUTCString();
  }
  return text;
}
