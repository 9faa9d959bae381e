import { dayAfter, endOfDay } from './expiry.js';

const DAY_MILLISECONDS = 86_400_000;

/** The fields of a key that an extension needs. */
export interface Extendable {
  readonly name: string;
  readonly expiresAt?: string | null;
}

/** The new expiry of a key extended by a number of days: from the end of today (UTC), or from its current expiry if later. */
export function extendedBy(days: number, present: string, now: number): string {
  const from = Math.max(Date.parse(endOfDay(dayAfter(0, now))), Date.parse(present));
  return new Date(from + days * DAY_MILLISECONDS).toISOString();
}

/** The keys that expire later than this or never; the new expiry would shorten them. */
export const shortenedTo = <Key extends Extendable>(end: string, keys: readonly Key[]): Key[] =>
  keys.filter(({ expiresAt }) => !expiresAt || Date.parse(expiresAt) > Date.parse(end));

const MAX_NAMED = 5;

/** The names of keys for use in a sentence; only the first few of many. */
export function namesOf(keys: readonly Extendable[]): string {
  const names = keys.slice(0, MAX_NAMED).map(({ name }) => name);
  const more = keys.length - names.length;
  if (more > 0) return `${names.join(', ')} and ${more} more`;
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
