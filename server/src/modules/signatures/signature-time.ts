/** Maximum difference between the time of a signature and the server time, in milliseconds. */
export const TOLERANCE_MS = 300_000;

const SECONDS = /^(?:0|[1-9]\d*)$/;

/** Parses unix seconds in plain decimal digits to milliseconds; null for any other text. */
export const parseSeconds = (text: string): number | null =>
  SECONDS.test(text) ? Number(text) * 1000 : null;

/** Whether a time is within the tolerance of now, before or after. */
export const isAbout = (atMs: number, nowMs: number): boolean => Math.abs(atMs - nowMs) <= TOLERANCE_MS;
