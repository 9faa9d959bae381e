const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'short' });
const dayFormat = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });
const exactFormat = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'long' });

/** How long ago or how far ahead an instant lies, such as `12 sec. ago`; coarser the farther away it is. */
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

const isBareDay = (text: string): boolean => /^\d{4}-\d{2}-\d{2}$/.test(text);

/** A calendar day in the reader's time zone, such as `4 Mar 2026`; a bare day is the same day everywhere. */
export function formatDay(instant: string): string {
  return dayFormat.format(new Date(isBareDay(instant) ? `${instant}T12:00:00` : instant));
}

/** The exact instant in the reader's time zone, with the zone named. */
export function formatExact(instant: string): string {
  return isBareDay(instant) ? formatDay(instant) : exactFormat.format(new Date(instant));
}

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
