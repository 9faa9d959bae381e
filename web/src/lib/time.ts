const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'short' });
// UTC, so that all users see the same day in every time zone.
const dayFormat = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  timeZone: 'UTC',
});
const isBareDay = (text: string): boolean => /^\d{4}-\d{2}-\d{2}$/.test(text);

/** Relative time of an instant, such as `12 sec. ago`; coarser with distance. */
export function relativeTime(instant: string, now: number): string {
  const delta = Date.parse(instant) - now;
  const size = Math.abs(delta);
  if (size < 5 * SECOND) return 'just now';
  if (size < MINUTE) return relative.format(Math.round(delta / SECOND), 'second');
  if (size < HOUR) return relative.format(Math.round(delta / MINUTE), 'minute');
  if (size < DAY) return relative.format(Math.round(delta / HOUR), 'hour');
  if (size < 60 * DAY) return relative.format(Math.round(delta / DAY), 'day');
  if (size < 730 * DAY) return relative.format(Math.round(delta / (30.44 * DAY)), 'month');
  return relative.format(Math.round(delta / (365.25 * DAY)), 'year');
}

/** The UTC day of an instant, or a bare day, such as `4 Mar 2026`; for text that names the zone itself. */
export const formatDay = (instant: string): string => dayFormat.format(new Date(instant));

/** The UTC day of an instant with its zone, such as `4 Mar 2026 UTC`; a bare day has no zone. */
export const formatUtcDay = (instant: string): string =>
  isBareDay(instant) ? formatDay(instant) : `${formatDay(instant)} UTC`;

/** The exact instant in UTC, such as `4 Mar 2026, 23:59:59 UTC`. */
export function formatExact(instant: string): string {
  if (isBareDay(instant)) return formatDay(instant);
  return `${formatDay(instant)}, ${new Date(instant).toISOString().slice(11, 19)} UTC`;
}

/** Whether an instant is in the last second of a UTC day, so that the day alone identifies it. */
export const endsDay = (instant: string): boolean =>
  new Date(instant).toISOString().slice(11, 19) === '23:59:59';

/** An end: the UTC day if it is the last second of that day, otherwise the exact instant. */
export const formatEnd = (instant: string): string =>
  endsDay(instant) ? formatUtcDay(instant) : formatExact(instant);

/** A duration in its two largest units, such as `2 h 5 min`; input in seconds. */
export function formatDuration(totalSeconds: number): string {
  const seconds = Math.max(0, Math.round(totalSeconds));
  const parts: [number, string][] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor((seconds % 86_400) / 3_600), 'h'],
    [Math.floor((seconds % 3_600) / 60), 'min'],
    [seconds % 60, 's'],
  ];
  const first = parts.findIndex(([amount]) => amount > 0);
  if (first < 0) return '0 s';
  return parts
    .slice(first, first + 2)
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount} ${unit}`)
    .join(' ');
}
