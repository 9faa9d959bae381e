import { MAX_EXTENSION_DAYS } from '@keywright/schema/bounds';
import { DAY_MS } from '../../core/clock.js';
import { badInput } from '../../core/errors.js';

/** The new expiry of keys. */
export interface Extension {
  /** A new expiry for all of them, null for never; if undefined, `days` applies. */
  readonly expiresAt: Date | null | undefined;
  /** Days after the end of today (UTC), or after the current expiry of the key if that is later. */
  readonly days: number | null | undefined;
  /** Whether keys that expire later or never are shortened. */
  readonly shorten: boolean;
}

const MAX_TIME = Date.UTC(9999, 11, 31, 23, 59, 59);

/** The last second of today, in UTC. */
const endOfToday = (nowMs: number): number => nowMs - (nowMs % DAY_MS) + DAY_MS - 1_000;

const refuse = (path: string, message: string): never => {
  throw badInput([{ path, message }]);
};

/** Error: BAD_USER_INPUT unless exactly one of the two is given and in range. */
export function checkExtension({ expiresAt, days }: Extension): void {
  if (expiresAt === undefined && days == null)
    refuse('expiresAt', 'Specify a date and time, null for no expiry, or days.');
  if (expiresAt !== undefined && days != null) refuse('days', 'Specify expiresAt or days, not both.');
  if (days != null && (days < 1 || days > MAX_EXTENSION_DAYS))
    refuse('days', `Give 1 to ${MAX_EXTENSION_DAYS} days.`);
}

/**
 * The expiry of a key after an extension; null for never. Error: BAD_USER_INPUT if it would be shortened without
 * `shorten`.
 */
export function extendedExpiry(present: Date | null, extension: Extension, nowMs: number): Date | null {
  const { expiresAt, days, shorten } = extension;
  if (expiresAt === null) return null;
  if (expiresAt !== undefined && expiresAt.getTime() <= nowMs)
    return refuse('expiresAt', 'The expiry must be in the future.');
  if (present === null && !shorten) {
    const path = days == null ? 'expiresAt' : 'days';
    return refuse(path, 'This key never expires; an expiry would shorten its lifetime.');
  }
  if (days != null) {
    const from = Math.max(endOfToday(nowMs), present?.getTime() ?? 0);
    const end = from + days * DAY_MS;
    return end <= MAX_TIME ? new Date(end) : refuse('days', 'The expiry must be before the year 10000.');
  }
  if (present !== null && expiresAt! < present && !shorten) {
    const until = present.toISOString();
    return refuse(
      'expiresAt',
      `This key works until ${until}; an earlier expiry would shorten its lifetime.`,
    );
  }
  return expiresAt!;
}
