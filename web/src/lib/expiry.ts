import { endsDay, formatDay, formatExact } from './time.js';

/** Presets for the expiry of a key, in days from today (UTC). */
export const EXPIRY_PRESETS = [
  { label: '30 days', days: 30 },
  { label: '90 days', days: 90 },
  { label: '180 days', days: 180 },
  { label: '1 year', days: 365 },
] as const;

const DAY_MILLISECONDS = 86_400_000;

/** The UTC calendar day (`YYYY-MM-DD`) that is the given number of days from now. */
export function dayAfter(days: number, now: number): string {
  return new Date(now + days * DAY_MILLISECONDS).toISOString().slice(0, 10);
}

/** The last second of a UTC day, when a key with a bare date expires. */
export function endOfDay(day: string): string {
  return `${day}T23:59:59.000Z`;
}

/** Why a day cannot be the expiry of a key; null if it can. */
export function expiryProblem(day: string, now: number): string | null {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day) || Number.isNaN(Date.parse(day))) return 'Choose a date.';
  if (Date.parse(endOfDay(day)) <= now) {
    return `This day has passed in UTC. The earliest is today, ${formatDay(dayAfter(0, now))} (UTC).`;
  }
  return null;
}

/** An end for use in a sentence: `the end of 4 Mar 2026 (UTC)`, or the exact instant if it is not the last second of a day. */
export const endInWords = (instant: string): string =>
  endsDay(instant) ? `the end of ${formatDay(instant)} (UTC)` : formatExact(instant);
