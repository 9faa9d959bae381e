import { formatDuration } from './time.js';
import { formatCount } from './number.js';

/** One window of a key's rate limits. */
export interface RateLimitValue {
  name: string;
  limit: number;
  windowSeconds: number;
}

/** The windows that have a name of their own. */
export const WINDOWS = [
  { name: 'second', seconds: 1 },
  { name: 'minute', seconds: 60 },
  { name: 'hour', seconds: 3_600 },
  { name: 'day', seconds: 86_400 },
] as const;

/** The name under which a window is kept, such as `minute` or `90s`. */
export function windowName(seconds: number): string {
  return WINDOWS.find((window) => window.seconds === seconds)?.name ?? `${seconds}s`;
}

/** One limit in words, such as `100 per minute`. */
export function describeLimit({ limit, windowSeconds }: RateLimitValue): string {
  const known = WINDOWS.find((window) => window.seconds === windowSeconds)?.name;
  return `${formatCount(limit)} per ${known ?? formatDuration(windowSeconds)}`;
}

/** One limit for a narrow column, such as `100/min`. */
export function shortLimit({ limit, windowSeconds }: RateLimitValue): string {
  const units: Record<number, string> = { 1: 's', 60: 'min', 3_600: 'h', 86_400: 'd' };
  return `${formatCount(limit)}/${units[windowSeconds] ?? formatDuration(windowSeconds)}`;
}
