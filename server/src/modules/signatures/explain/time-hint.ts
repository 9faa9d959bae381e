import { TOLERANCE_MS } from '../signature-time.js';
import type { SignatureProfile } from '../signature-profile.js';

const HOUR_MS = 3_600_000;
/** Maximum difference between local time and UTC, in hours. */
const MAX_ZONE_HOURS = 14;
/** Tolerance for recognizing a whole number of hours, in milliseconds. */
const ABOUT_MS = 120_000;

const OLD = 'To check an earlier request, enter when it was sent.';

const UNITS = [
  ['milliseconds', 1e3],
  ['microseconds', 1e6],
  ['nanoseconds', 1e9],
] as const;

const WORDS: Readonly<Record<SignatureProfile, string>> = {
  TIMESTAMP: 'The timestamp',
  EXPIRY: 'Expires',
  RFC9421: 'The time of the signature',
};

/** The unit in which a number would be a time of this century, other than seconds. */
function unitOf(seconds: number): string | null {
  for (const [unit, factor] of UNITS) {
    if (seconds >= 1e9 * factor && seconds < 1e10 * factor) return unit;
  }
  return null;
}

function sizeOf(ms: number): string {
  const seconds = Math.round(Math.abs(ms) / 1000);
  if (seconds < 2 * 3600) return `${seconds} s`;
  return seconds < 2 * 86_400 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} days`;
}

/** Explains a time outside of the tolerance. `aheadMs` is how far it is ahead of the server time; negative: behind. */
export function explainLate(profile: SignatureProfile, aheadMs: number, nowMs: number): string {
  const what = WORDS[profile];
  const unit = unitOf((nowMs + aheadMs) / 1000);
  if (unit) return `${what} is in ${unit}; it must be in seconds since 1970.`;
  const hours = Math.round(aheadMs / HOUR_MS);
  const zone =
    hours !== 0 && Math.abs(hours) <= MAX_ZONE_HOURS && Math.abs(aheadMs - hours * HOUR_MS) <= ABOUT_MS
      ? ' That is close to whole hours: is local time used instead of UTC?'
      : '';
  const size = sizeOf(aheadMs);
  const atMost = `${TOLERANCE_MS / 1000} s`;
  if (profile === 'EXPIRY') {
    return aheadMs < 0
      ? `Expires passed ${size} before the time here: the clock of the client is behind, or the request is old.${zone} ${OLD}`
      : `Expires is ${size} ahead of the time here; at most ${atMost} are allowed. Let the request expire sooner, or set the clock of the client.${zone}`;
  }
  return aheadMs < 0
    ? `${what} is ${size} behind the time here: the clock of the client is behind, or the request is old. At most ${atMost} are allowed.${zone} ${OLD}`
    : `${what} is ${size} ahead of the time here: the clock of the client is ahead. At most ${atMost} are allowed.${zone}`;
}

/** Explains a time that is not in decimal seconds; empty if there is nothing to say. */
export function explainWrittenTime(text: string): string {
  if (/^\d+[.,]\d+$/.test(text)) return ' It has a fraction: remove it.';
  if (/^\d{4}-\d\d-\d\d/.test(text) || /^[A-Z][a-z]{2}, \d/.test(text)) {
    return ' It is a date: send the number of seconds since 1970 instead.';
  }
  if (/^[+-]\d+$/.test(text)) return ' It has a sign: remove it.';
  if (/^0\d+$/.test(text)) return ' It starts with a zero: remove it.';
  if (/^\s|\s$/.test(text)) return ' It has a space around it.';
  if (/^["'].*["']$/s.test(text)) return ' It has quotes around it.';
  return '';
}
