import { formatDuration } from './time.js';
import { formatCount } from './number.js';

/** One rate limit window of a key. */
export interface RateLimitValue {
  name: string;
  limit: number;
  windowSeconds: number;
}

/** Windows with a special name. */
export const WINDOWS = [
  { name: 'second', seconds: 1 },
  { name: 'minute', seconds: 60 },
  { name: 'hour', seconds: 3_600 },
  { name: 'day', seconds: 86_400 },
] as const;

/** The stored name of a window, such as `minute` or `s90`. */
export function windowName(seconds: number): string {
  return WINDOWS.find((window) => window.seconds === seconds)?.name ?? `s${seconds}`;
}

/** One limit in words, such as `100 per minute`. */
export function describeLimit({ limit, windowSeconds }: RateLimitValue): string {
  const known = WINDOWS.find((window) => window.seconds === windowSeconds)?.name;
  return `${formatCount(limit)} per ${known ?? formatDuration(windowSeconds)}`;
}

/** A short form for a narrow column, such as `100/min`. */
export function shortLimit({ limit, windowSeconds }: RateLimitValue): string {
  const units: Record<number, string> = { 1: 's', 60: 'min', 3_600: 'h', 86_400: 'd' };
  return `${formatCount(limit)}/${units[windowSeconds] ?? formatDuration(windowSeconds)}`;
}

/** The stored names of windows: an existing window keeps its name; a new one, or one named after its old length, is named after its length. */
export function namedWindows(
  windows: readonly (Omit<RateLimitValue, 'name'> & {
    readonly kept: { readonly name: string; readonly windowSeconds: number } | null;
  })[],
): RateLimitValue[] {
  const keeps = ({ kept, windowSeconds }: (typeof windows)[number]): string | null =>
    kept && (kept.windowSeconds === windowSeconds || kept.name !== windowName(kept.windowSeconds))
      ? kept.name
      : null;
  const taken = new Set(windows.map(keeps));
  const fresh = (seconds: number): string => {
    const base = windowName(seconds);
    let name = base;
    for (let n = 2; taken.has(name); n++) name = `${base}-${n}`;
    taken.add(name);
    return name;
  };
  return windows.map((window) => ({
    name: keeps(window) ?? fresh(window.windowSeconds),
    limit: window.limit,
    windowSeconds: window.windowSeconds,
  }));
}
