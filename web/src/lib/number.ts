const whole = new Intl.NumberFormat('en');
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

/** A count with separators, such as `12,345`. */
export function formatCount(count: number): string {
  return whole.format(count);
}

/** A count that fits a narrow column, such as `1.2M`. */
export function formatCompact(count: number): string {
  return count < 100_000 ? whole.format(count) : compact.format(count);
}

/** The error for text that exceeds a length limit. */
export const tooLong = (most: number): string => `Use at most ${formatCount(most)} characters.`;

/** The error if the trimmed text exceeds the limit; otherwise null. */
export const excessOf = (text: string, most: number): string | null =>
  [...text.trim()].length > most ? tooLong(most) : null;
