let second = -1;
let text = '';

/** The time in the format of the `Date` header (RFC 9110), formatted once a second. */
export function httpDate(nowMs: number = Date.now()): string {
  const now = Math.floor(nowMs / 1000);
  if (now !== second) {
    second = now;
    text = new Date(nowMs).toUTCString();
  }
  return text;
}
